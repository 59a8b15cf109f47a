"""A counterexample for people: the signals of a run, cycle by cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .design import TOP, Design


@dataclass(frozen=True)
class Counterexample:
    """A run that breaks a claim.

    claim, source: the claim that fails first, and the line that makes it. step: the cycle in which it fails.
    signals: values, cycle by cycle, of the core's ports and registers and of the properties' own signals.
    wave: the same run with all signals, a VCD file. pins: the bits of each pin of the core, cycle by cycle.
    """

    claim: str
    source: str
    step: int
    signals: Mapping[str, Sequence[str]]
    wave: Path
    pins: Mapping[str, Sequence[int]]

    def __str__(self) -> str:
        rows = {"cycle": [str(step) for step in range(self.step + 1)], **self.signals}
        names = max(len(name) for name in rows)
        widths = [max(map(len, column)) for column in zip(*rows.values(), strict=True)]
        lines = [f'"{self.claim}" fails in cycle {self.step} ({self.source})']
        for name, values in rows.items():
            cells = (value.rjust(width) for value, width in zip(values, widths, strict=True))
            lines.append(f"  {name:{names}}  {'  '.join(cells)}")
        return "\n".join([*lines, f"  wave: {self.wave}"])


def read_signals(design: Design, wave: Path, steps: int) -> dict[str, list[str]]:
    """The first `steps` cycles of a VCD file written by yosys-smtbmc.

    Of a record its fields are shown. Registers of the core that the properties do not see come last.
    """
    paths, values = _read_vcd(wave, steps)
    table: dict[str, list[str]] = {}
    for path in sorted(paths, key=lambda path: (path.startswith(f"{TOP}.core."), path)):
        if "$" in path or "_witness_" in path or any(other.startswith(f"{path}.") for other in paths):
            continue
        own = path.removeprefix(f"{TOP}.")
        inner = own.removeprefix("core.")
        if own == "clk" or (own != inner and inner.split(".")[0] not in design.registers):
            continue
        row = [_number(design, path, bits) for bits in values[paths[path]]]
        if own == inner or table.get(_people(inner)) != row:
            table[_people(own)] = row
    return table


def read_pins(wave: Path, steps: int) -> dict[str, list[int]]:
    """The bits of each pin of the core, such as `input__payload` and `rst`; what is unknown is 0.

    A pin that has no influence may be missing.
    """
    paths, values = _read_vcd(wave, steps)
    pins = {}
    for prefix in (f"{TOP}.", f"{TOP}.core."):
        for path, identifier in paths.items():
            name = path.removeprefix(prefix)
            if path.startswith(prefix) and "." not in name and "$" not in name:
                pins[name] = [int(bits.replace("x", "0"), 2) for bits in values[identifier]]
    return pins


def _people(path: str) -> str:
    """`input__payload.current`, as Amaranth flattens it, is `input.payload.current` in the source."""
    return path.replace("__", ".")


def _read_vcd(wave: Path, steps: int) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Identifier of each path, and bits of each identifier in each step; 10 time units are a step."""
    paths: dict[str, str] = {}
    changes: dict[str, dict[int, str]] = {}
    scope: list[str] = []
    step = 0
    for line in wave.read_text().splitlines():
        match line.split():
            case ["$scope", _, name, "$end"]:
                scope.append(name)
            case ["$upscope", "$end"]:
                scope.pop()
            case ["$var", "wire", _, identifier, name, "$end"]:
                paths[".".join([*scope, name])] = identifier
                changes[identifier] = {}
            case [time] if time.startswith("#"):
                step = int(time[1:]) // 10
            case [bits, identifier] if bits.startswith("b") and identifier in changes and step < steps:
                changes[identifier][step] = bits[1:]
            case _:
                pass
    values = {}
    for identifier, changed in changes.items():
        column: list[str] = []
        for step in range(steps):
            column.append(changed.get(step, column[-1] if column else "x"))
        values[identifier] = column
    return paths, values


def _number(design: Design, path: str, bits: str) -> str:
    if "x" in bits:
        return "x"
    number = int(bits, 2)
    if path in design.states:
        return design.states[path].get(number, str(number))
    if path in design.signed and bits[0] == "1":
        number -= 1 << len(bits)
    return str(number)
