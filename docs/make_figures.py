"""Draws the pictures of these pages from real runs.

python -m docs.make_figures            writes docs/_static/*.svg
python -m docs.make_figures --check    exit code 1, naming the pictures that are not what a run gives
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from amaranth.sim import Simulator

from spikelock.cli.svg import BLUE, FAINT, FILL, GREY, INK, RED, Picture, Wave, timing_diagram
from spikelock.models.core import Configuration, Core, run_reference
from spikelock.models.engine import network
from spikelock.models.fabric import tile
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif
from spikelock.models.ports import Records, load_records
from spikelock.rtl.fabric.tile import Tile
from spikelock.rtl.neurons.lif import LIF

from . import mapping_figures, network_figures, precision_figures, sc_correlation_figures, sc_figures

FOLDER = Path(__file__).with_name("_static")


# ---------------------------------------------------------------- what is drawn


def lif_membrane() -> Picture:
    """The reference under a current that is switched on, and on again larger."""
    params = lif.Params(leak=26, threshold=256, refractory_period=4)
    current = np.array([0] * 4 + [24] * 26 + [0] * 10 + [60] * 30 + [0] * 10)
    port = lif.inputs(params)["input"]
    _, out = run_reference(lif.CORE, params, lif.CORE.configuration(params), {"input": port.records(current)})
    unit = 1 << params.fraction
    return _trace_picture(current / unit, out["output"], params.threshold / unit, unit)


def lif_stream() -> Picture:
    """The hardware: three currents, and a reader that is not ready for two cycles."""
    params = lif.Params(leak=0)
    currents = lif.inputs(params)["input"].records([100, 200, 50, 60])
    cycles = _cycles(LIF(params), lif.CORE, lif.CORE.configuration(params), currents, stalled={3, 4}, count=8)
    return timing_diagram(
        "neurons.lif: one step a cycle; the output holds, and the input waits, while the reader stalls",
        [
            Wave("input.valid", [c["input.valid"] for c in cycles]),
            Wave("input.ready", [c["input.ready"] for c in cycles]),
            Wave(
                "current", [str(c["input.payload"]["current"]) if c["input.valid"] else None for c in cycles]
            ),
            None,
            Wave("output.valid", [c["output.valid"] for c in cycles]),
            Wave("output.ready", [c["output.ready"] for c in cycles]),
            Wave("spike", [str(c["output.payload"]["spike"]) if c["output.valid"] else None for c in cycles]),
            Wave(
                "membrane",
                [str(c["output.payload"]["membrane"]) if c["output.valid"] else None for c in cycles],
            ),
        ],
    )


def tile_events() -> Picture:
    """The hardware: two events and a tick through a tile of three neurons, of which one fires."""
    params = tile.Params(neuron=lif.Params(leak=0), neurons=3, axons=2, synapses=4)
    memories = tile.rows_and_synapses(params, *map(np.array, ([0, 0, 1], [0, 1, 1], [100, 127, 127])))
    memories["bias"] = tile.memories(params)["bias"].layout.records([0, 10, 0])
    configuration = tile.CORE.configuration(params, {"threshold": 200}, memories)
    events = tile.inputs(params)["input"].from_tuples([(Kind.SPIKE, 0), (Kind.SPIKE, 1), (Kind.TICK, 0)])
    cycles = _cycles(Tile(params), tile.CORE, configuration, events, stalled=set(), count=23)

    def name(cycle: Mapping[str, Any], port: str) -> str | None:
        kind, address = Kind(cycle[f"{port}.payload"]["kind"]), cycle[f"{port}.payload"]["address"]
        return (f"S {address}" if kind is Kind.SPIKE else kind.name) if cycle[f"{port}.valid"] else None

    return timing_diagram(
        "fabric.tile: SPIKE 0, SPIKE 1, TICK in; the same, and SPIKE 3 of neuron 1 before the tick mark, out",
        [
            Wave("input.valid", [c["input.valid"] for c in cycles]),
            Wave("input.ready", [c["input.ready"] for c in cycles]),
            Wave("event", [name(c, "input") for c in cycles]),
            None,
            Wave("output.valid", [c["output.valid"] for c in cycles]),
            Wave("output.ready", [c["output.ready"] for c in cycles]),
            Wave("event", [name(c, "output") for c in cycles]),
        ],
        cycle=40,
    )


def chain_raster() -> Picture:
    """The engine: regular input spikes through two tiles of four neurons."""
    random = np.random.default_rng(1)
    neuron = lif.Params(leak=26, threshold=256, refractory_period=1)
    populations = []
    for name, axons in (("tile 0", 4), ("tile 1", 8)):
        params = tile.Params(neuron=neuron, neurons=4, axons=axons, synapses=64)
        sources, targets = np.nonzero(random.random((axons, 4)) < 0.7)
        memories = tile.rows_and_synapses(params, sources, targets, random.integers(-40, 120, len(sources)))
        populations.append(Population(name, params, tile.CORE.configuration(params, {}, memories)))
    spikes = np.zeros((1, 32, 4), np.bool_)
    for axon in range(4):
        spikes[0, axon :: axon + 2, axon] = True
    program = Program(4, tuple(populations), "tile 1")
    return _raster_picture(network.run(program, spikes).raster()[0], ["input", "tile 0", "tile 1"])


def levels() -> Picture:
    """The one idea: an equation, its embodiments, and one comparison."""
    rows = [
        ("reference", "exact Python integers"),
        ("engine", "vectorised NumPy"),
        ("rtl", "Amaranth, Verilator"),
        ("cocotb", "pyuvm: stalls, resets, X"),
        ("prove", "SymbiYosys, z3: every run"),
    ]
    picture = Picture(720, 60 + 44 * len(rows), "One equation, many embodiments, one verdict")
    middle = 30 + 22 * len(rows)

    def box(x: float, y: float, width: float, lines: tuple[str, ...], fill: str) -> None:
        top, bottom = y - 17, y + 17
        picture.area([(x, top), (x + width, top), (x + width, bottom), (x, bottom)], fill)
        for number, line in enumerate(lines):
            colour = INK if number == 0 else GREY
            picture.text(x + 12 + 92 * number, y + 5, line, colour=colour)

    box(20, middle, 116, ("equation",), FILL)
    box(596, middle, 104, ("verdict",), FILL)
    for number, row in enumerate(rows):
        y = 52 + 44 * number
        picture.line([(136, middle), (176, y)], GREY)
        picture.line([(544, y), (596, middle)], GREY)
        box(176, y, 368, row, "white")
    return picture


FIGURES: dict[str, Callable[[], Picture]] = {
    "levels.svg": levels,
    "lif-membrane.svg": lif_membrane,
    "lif-stream.svg": lif_stream,
    "tile-events.svg": tile_events,
    "chain-raster.svg": chain_raster,
    **mapping_figures.FIGURES,
    **network_figures.FIGURES,
    **precision_figures.FIGURES,
    **sc_correlation_figures.FIGURES,
    **sc_figures.FIGURES,
}


# ---------------------------------------------------------------- how


def _cycles(
    component: Any,
    core: Core,
    configuration: Configuration,
    transactions: Records,
    stalled: set[int],
    count: int,
) -> list[dict[str, Any]]:
    """What each clock edge sees at the ports `input` and `output`, counted from the first valid input."""
    seen: list[dict[str, Any]] = []
    fields = transactions.dtype.names or ()
    loads: list[tuple[int, int, int]] = []
    if contents := configuration.memories:
        loads = load_records(core.memories(component.params), contents).tolist()

    async def bench(context: Any) -> None:
        context.set(component.registers, dict(configuration.registers))
        for memory, address, data in loads:
            context.set(component.load.payload, {"memory": memory, "address": address, "data": data})
            context.set(component.load.valid, 1)
            await context.tick()
        if loads:
            context.set(component.load.valid, 0)
        context.set(component.output.ready, 1)
        await context.tick().until(component.input.ready)
        sent = 0
        for edge in range(count):
            context.set(component.output.ready, edge not in stalled)
            context.set(component.input.valid, sent < len(transactions))
            if sent < len(transactions):
                context.set(
                    component.input.payload, dict(zip(fields, transactions[sent].item(), strict=True))
                )
            seen.append(
                {
                    f"{name}.{part}": bool(context.get(getattr(getattr(component, name), part)))
                    for name in ("input", "output")
                    for part in ("valid", "ready")
                }
                | {
                    f"{name}.payload": {
                        k: int(context.get(port.payload[k])) for k in port.payload.shape().members
                    }
                    for name, port in (("input", component.input), ("output", component.output))
                }
            )
            sent += seen[-1]["input.valid"] and seen[-1]["input.ready"]
            await context.tick()

    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return seen


def _trace_picture(current: Any, out: Records, threshold: float, unit: int) -> Picture:
    left, step, top, scale = 90, 6.4, 24, 130
    steps = len(out)
    picture = Picture(
        left + steps * step + 20, 290, "neurons.lif: membrane potential and spikes for a current"
    )
    base = top + scale + 10
    level = base - threshold * scale
    right = left + steps * step
    picture.line([(left, level), (right, level)], RED, 1, "4 3")
    picture.text(left - 10, level + 4, "threshold", "end", RED)
    picture.line([(left, base), (right, base)], FAINT, 1)
    picture.text(left - 10, base + 4, "rest 0", "end")
    picture.steps(left, base, step, (out["membrane"] / unit * scale).tolist(), BLUE)
    picture.text(left - 10, base - 62, "membrane", "end", BLUE)
    for i in np.flatnonzero(out["spike"]).tolist():
        picture.line([(left + (i + 0.5) * step, base + 16), (left + (i + 0.5) * step, base + 38)], INK, 2)
    picture.text(left - 10, base + 32, "spike", "end")
    foot = base + 92
    picture.steps(left, foot, step, (current * scale).tolist(), INK)
    picture.text(left - 10, foot - 6, "current", "end")
    for i in range(0, steps + 1, 10):
        picture.text(left + i * step, foot + 20, str(i), "middle", GREY, 11)
    picture.text(left - 10, foot + 20, "step", "end", GREY, 11)
    return picture


def _raster_picture(raster: Any, names: list[str]) -> Picture:
    left, step, row = 90, 16, 16
    ticks, addresses = raster.shape
    each = addresses // len(names)
    picture = Picture(
        left + ticks * step + 20, addresses * row + 66, "fabric.chain: spikes of the inputs and of two tiles"
    )
    for number, name in enumerate(names):
        top = 16 + number * (each * row + 8)
        picture.text(left - 34, top + each * row / 2 + 4, name, "end")
        picture.line([(left, top), (left + ticks * step, top)], FAINT, 1)
        for i in range(each):
            y = top + (i + 0.5) * row
            picture.text(left - 10, y + 4, str(number * each + i), "end", GREY, 11)
            for tick in np.flatnonzero(raster[:, number * each + i]).tolist():
                picture.dot(left + (tick + 0.5) * step, y, (INK, BLUE, RED)[number])
    for tick in range(0, ticks, 4):
        picture.text(left + (tick + 0.5) * step, picture.height - 14, str(tick), "middle", GREY, 11)
    picture.text(left - 10, picture.height - 14, "tick", "end", GREY, 11)
    return picture


def main(arguments: list[str]) -> int:
    """Writes the pictures, or only compares them."""
    stale = []
    for name, draw in FIGURES.items():
        path, text = FOLDER / name, str(draw())
        if "--check" in arguments:
            stale += [name] if not path.exists() or path.read_text() != text else []
        else:
            path.write_text(text)
    if stale:
        print(f"not what a run gives: {', '.join(stale)}; python -m docs.make_figures draws them again")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
