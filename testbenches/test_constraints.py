"""A package's timing constraints: all that they name is there, and every path between two clocks is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fabric.mesh import Params as MeshParams
from spikelock.models.package.constraints import Constraints, Tool, of_die, of_package, written
from spikelock.models.package.dies import Params, pins
from spikelock.models.package.topology import machine_of, package_named
from spikelock.rtl.package.die import Die
from spikelock.rtl.package.top import Package
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.clock_crossings import Crossing, Gates
from spikelock.testbenches.lockstep.verilog import verilog

CLOCKS = {"die0": 100e6, "die1": 70e6, "die2": 200e6}


@cache
def params(package: str) -> Params:
    """With little on each die."""
    machine = machine_of(package_named(package), neurons=2, synapses=8, entries=2, key_width=5)
    tiles = (tile.Params(neurons=2, axons=4, synapses=8),) * machine.nodes
    return Params(MeshParams(machine, tiles, queue=2), lanes=4)


RING, PAIR = params("ring:3"), params("mesh:2x1")


@dataclass(frozen=True)
class Case:
    """Constraints, and the design that they are of."""

    constraints: Constraints
    gates: Gates


@cache
def case(name: str) -> Case:
    """One die of a ring, or two dies on one chip."""
    if name == "two dies":
        given = of_package(PAIR, {die: CLOCKS[die] for die in PAIR.dies})
        inputs = {port: spec.clock for port, spec in pins(PAIR).items()} | {"output": PAIR.host}
        return Case(given, gates_of(Package(PAIR), given, inputs))
    given = of_die(RING, name, CLOCKS)
    die = Die(RING, name)
    inputs = dict.fromkeys(die.signature.members, "sync")
    inputs |= {f"runs_{clock.removeprefix('line_')}": clock for clock in given.lanes_in.values()}
    return Case(given, gates_of(die, given, {**inputs, **given.lanes_in}))


def gates_of(component: Any, given: Constraints, inputs: Mapping[str, str]) -> Gates:
    """inputs: the clock by which each member comes."""
    pins_of_clocks = {
        (kind if clock == "sync" else f"{clock}_{kind}"): clock
        for clock in given.clocks
        for kind in ("clk", "rst")
    }
    streams = {
        f"{port}__{pin}": clock for port, clock in inputs.items() for pin in ("payload", "valid", "ready")
    }
    with skipped_without_tools():
        text = verilog(component, list(given.clocks), "top")
        return Gates(text, "top", {**inputs, **streams, **pins_of_clocks})


@dataclass(frozen=True)
class Line:
    """A line of a file. sources, targets: patterns of cells, ports, or one of a clock."""

    text: str
    command: str
    number: float
    sources: str
    targets: str

    def covers(self, crossing: Crossing, tool: Tool) -> bool:
        from_here = fnmatchcase(named(crossing.source, tool), self.sources)
        to_clock = self.targets == crossing.target_clock
        return from_here and (to_clock or fnmatchcase(named(crossing.target, tool), self.targets))


EXCEPTION = re.compile(
    r"(set_max_delay|set_bus_skew|set_false_path) ?([\d.]*) ?(?:-\w+ )?"
    r"-from \[get_\w+ {(.*?)}\] -to \[get_\w+ {(.*?)}\]"
)


def lines_of(text: str) -> list[Line]:
    return [
        Line(line, found[1], float(found[2] or 0), found[3], found[4])
        for line in text.splitlines()
        if (found := EXCEPTION.fullmatch(line))
    ]


def named(cell: str, tool: Tool) -> str:
    """What a tool calls a flip-flop. Yosys names it `a.b.name[0]$_DFF_P_`, Vivado `a/b/name_reg[0]`."""
    if tool is Tool.OPENROAD or "$_" not in cell:
        return cell
    *modules, register = cell.partition("$_")[0].split(".")
    name, bracket, bits = register.partition("[")
    return "/".join([*modules, f"{name}_reg{bracket}{bits}"])


def faults(case: Case, text: str, tool: Tool) -> list[str]:
    """What is wrong with a file of constraints: names of nothing, crossings that it forgets."""
    found = []
    cells = {named(cell, tool) for cell in case.gates.flip_flops}
    known = {"cells": cells, "ports": set(case.gates.ports), "clocks": set(case.constraints.clocks)}
    for kind, pattern in re.findall(r"\[get_(\w+) {(.*?)}\]", text):
        if not any(fnmatchcase(name, pattern) for name in known[kind]):
            found.append(f"{pattern}: no such {kind}")
    lines = lines_of(text)
    used = set()
    for crossing in case.gates.crossings:
        covering = [line for line in lines if line.covers(crossing, tool)]
        used |= {line.text for line in covering}
        if not any(good(case, crossing, line) for line in covering):
            found.append(f"{crossing.source} to {crossing.target}: no limit")
        pointer = "_gry" in crossing.source
        if tool is Tool.VIVADO and pointer and not any(line.command == "set_bus_skew" for line in covering):
            found.append(f"{crossing.source} to {crossing.target}: no limit of skew")
    found += [f"covers nothing: {line.text}" for line in lines if line.text not in used]
    return found


def good(case: Case, crossing: Crossing, line: Line) -> bool:
    """Whether a line limits a crossing to a period of its source, or frees it where it may: a reset."""
    if crossing.source in case.gates.ports:
        return line.command == "set_false_path" and "-hold" not in line.text
    return (
        line.command == "set_max_delay"
        and line.number <= case.constraints.clocks[crossing.source_clock] + 1e-3
    )


@pytest.mark.parametrize("tool", Tool)
@pytest.mark.parametrize("name", ["die0", "two dies"])
def test_every_name_is_there_and_every_crossing_is_named(name: str, tool: Tool) -> None:
    one = case(name)
    assert faults(one, written(one.constraints, tool), tool) == []


@pytest.mark.parametrize(("name", "queues"), [("die0", 2), ("two dies", 2)])
def test_the_crossings_are_those_of_the_queues(name: str, queues: int) -> None:
    """One Gray-coded pointer each way, words, and a reset, for each end of a bridge."""
    kinds = {
        (re.sub(r"(\[\d+\])*(\$_.*)?$", "", crossing.source), crossing.target_clock)
        for crossing in case(name).gates.crossings
    }
    assert len(kinds) == 4 * queues


@pytest.mark.parametrize("tool", Tool)
def test_control_a_line_that_is_missing_is_found(tool: Tool) -> None:
    one = case("die0")
    text = written(one.constraints, tool)
    needed = [line for line in lines_of(text) if "-hold" not in line.text]
    assert len(needed) == (6 if tool is Tool.OPENROAD else 10) + 4
    for line in needed:
        wrong = faults(one, text.replace(line.text, ""), tool)
        assert any("no limit" in fault for fault in wrong), line.text


def test_control_wrong_names_and_limits_are_found() -> None:
    one = case("die0")
    text = written(one.constraints, Tool.OPENROAD)
    assert any(
        "no such cells" in fault for fault in faults(one, text.replace("produce_w", "write"), Tool.OPENROAD)
    )
    slow = {name: 2 * period for name, period in one.constraints.clocks.items()}
    longer = written(replace(one.constraints, clocks=slow), Tool.OPENROAD)
    assert any("no limit" in fault for fault in faults(one, longer, Tool.OPENROAD))


class Careless(wiring.Component):
    """A counter of one clock that another reads as it is, behind a gate."""

    def __init__(self) -> None:
        super().__init__({"output": Out(4), "enable": In(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        count = Signal(4)
        m.d.line += count.eq(count + 1)
        m.d.sync += self.output.eq(count ^ self.enable)
        return m


def test_control_a_register_that_another_clock_reads_is_found() -> None:
    with skipped_without_tools():
        text = verilog(Careless(), ["sync", "line"], "top")
        ports = {"clk": "sync", "rst": "sync", "line_clk": "line", "line_rst": "line", "enable": "sync"}
        found = Gates(text, "top", ports).crossings
    assert [(c.source[:5], c.source_clock, c.target[:6], c.target_clock) for c in found] == [
        ("count", "line", "output", "sync")
    ] * 4
    with pytest.raises(ValueError, match="nobody says the clock: enable"):
        Gates(text, "top", {name: clock for name, clock in ports.items() if name != "enable"})


@pytest.mark.parametrize(
    ("clocks", "says"),
    [
        ({"die0": 1e8, "die1": 1e8}, "clock of die2: one is needed"),
        ({**CLOCKS, "die1": 10e6}, "5 times as slow as the fastest; 4e[+]07 Hz would do"),
        ({**CLOCKS, "die1": 0.0}, "above 0 Hz"),
    ],
)
def test_clocks_that_it_cannot_have_are_refused(clocks: dict[str, float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        of_die(RING, "die0", clocks)
