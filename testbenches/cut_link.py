"""A link between dies that is cut in mid-run: what dies report of it, and how the host goes on without it.

The host sees `up` and `outstanding` of each end of each bridge, and nothing of what was done to the lines. An
end that was up when the host began to send, and is not when nothing comes any more, is *down*. Samples that
were complete by then stay as they are. The others are run again, after a reset, with turns and tables that
avoid the link. Where no way is left, the host names what is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.errors import BadInput
from spikelock.models.fabric.mesh import link_name
from spikelock.models.fabric.tile import Kind, event
from spikelock.models.network.mapping.hardware import hardware
from spikelock.models.network.mapping.machine import LINKS, Machine, Node, Place, Port
from spikelock.models.network.mapping.mapped import Mapped, reroute
from spikelock.models.network.mapping.report import channel_name, name_of, neurons_of
from spikelock.models.network.trace import Trace, concatenate
from spikelock.models.package.dies import Link, Params, loads, settings
from spikelock.models.ports import Records

from .cut_ports import COUNT_BITS, cut, links
from .lockstep import Built, Model, Response
from .mesh import Exchange, Part, counted, exchange, trace_of
from .problem import Detector, Problem

ON_ITS_WAY = 8
"""Cycles, of the slower of two dies, that a flit needs from the lanes to the other end's notice, at most."""


@dataclass(frozen=True)
class Cut:
    """A link is cut for good, in both directions. place, port: of one of its ends.

    cycle: of the host's clock, since it began to send. Raises BadInput for one that cannot be.
    """

    place: Place
    port: Port
    cycle: int

    def __post_init__(self) -> None:
        if not 0 < self.cycle < 1 << COUNT_BITS:
            raise BadInput(
                f"cut in cycle {self.cycle}: cycles count from when the host begins to send; "
                f"1 … {(1 << COUNT_BITS) - 1} can be"
            )

    def link(self, package: Params) -> Link:
        """The link, from its western or southern end. Raises BadInput for one that joins no two dies."""
        machine, ends = package.mesh.machine, links(package)
        node = machine.node_at.get(self.place)
        if node is not None:
            for end, other in ends.items():
                if (node, self.port) in (end, other):
                    return end
        raise BadInput(
            f"cut {_words(self.place, self.port)}: there is no such link between dies; there are "
            + ", ".join(_words(machine.place(end[0]), end[1]) for end in ends)
        )


def cut_named(words: str) -> Cut:
    """What words such as `0,0:east@5000` name. Raises BadInput for others."""
    ports = {port.name.lower(): port for port in LINKS}
    found = re.fullmatch(rf"(\d{{1,4}}),(\d{{1,4}}):({'|'.join(ports)})@(\d{{1,12}})", words)
    if not found:
        raise BadInput(
            f"cut {words}: a node, one of {', '.join(ports)}, and a cycle of the host's clock are needed, "
            "as in 0,0:east@5000"
        )
    return Cut((int(found[1]), int(found[2])), ports[found[3]], int(found[4]))


def _words(place: Place, port: Port) -> str:
    return f"{place[0]},{place[1]}:{port.name.lower()}"


@dataclass(frozen=True, eq=False)
class CutPart(Part):
    """Samples of which a cut is to interrupt one. The network is loaded before them."""

    package: Params
    cut: Cut


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a part. notes: what was reported, and what the host did about it."""

    trace: Trace
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    cycles: int


@dataclass(frozen=True)
class Down:
    """An end of a link that is down. time: when `up` became 0. outstanding: words not acknowledged."""

    die: str
    link: Link
    time: int
    outstanding: int


def run_cut(built: Built, part: CutPart) -> Outcome:
    """Runs a part from power-up on, and what was interrupted once more.

    Raises BadInput where the run ends before the cut can be noticed.
    """
    link = part.cut.link(part.package)
    levels = {**part.setup.levels, "cut": cut(part.package, link, part.cut.cycle)}
    part = replace(part, setup=replace(part.setup, levels=levels))
    with Model(built, clocks=part.setup.clocks, seed=part.seed) as model:
        first = exchange(model, part)
        downs = reported(part, first)
        notes = [*_notes(part, first, downs)]
        problems = [*_late(part, first, downs), *counted(first.response)]
        done = completed(part, first)
        if not downs or done == len(part.spikes):
            trace, found = _judged(part, first.received)
            problems += [*first.response.problems, *found]
            notes += ["complete samples: all"] if downs else []
            return Outcome(trace, tuple(problems), tuple(notes), first.response.cycles)
        kept, found = _kept(part, first.received, done)
        problems += [*(p for p in first.response.problems if p.detector is not Detector.TIMEOUT), *found]
        rest = f"samples {done} … {len(part.spikes) - 1}"
        try:
            again = rerouted(part, downs, done)
        except BadInput as error:
            problems.append(Problem(Detector.SCOREBOARD, f"{error}; lost: {rest}"))
            return Outcome(kept, tuple(problems), tuple(notes), first.response.cycles)
        second = exchange(model, again)
    notes.append(f"complete samples: {done}; run again, by other ways: {rest}")
    trace, found = _judged(again, second.received)
    problems += [problem.within("rerouted") for problem in (*second.response.problems, *found)]
    problems += [problem.within("rerouted") for problem in counted(second.response)]
    cycles = first.response.cycles + second.response.cycles
    return Outcome(concatenate([kept, trace]), tuple(problems), tuple(notes), cycles)


def reported(part: CutPart, done: Exchange) -> list[Down]:
    """The ends that were up when the host began to send, and are not any more."""
    return [
        Down(
            die,
            link,
            part.setup.clocks[die].time(int(done.response.final[f"{die}_log"][f"{name}_down"][0])),
            _status(done.response, die, link, "outstanding"),
        )
        for die, own in part.package.dies.items()
        for link in own.cut
        for name in [link_name(*link)]
        if _status(done.before, die, link, "up") and not _status(done.response, die, link, "up")
    ]


def completed(part: Part, done: Exchange) -> int:
    """Samples of which every mark has come."""
    ticks = part.spikes.shape[1]
    marks = int(np.count_nonzero(done.received["kind"] == Kind.TICK)) - 1
    return max(0, min(marks // (1 + ticks * part.mapped.steps), len(part.spikes)))


def rerouted(part: CutPart, downs: list[Down], done: int) -> CutPart:
    """The samples from a number on, with tables that avoid what is down. No tile is loaded again.

    Raises BadInput where no way is left, with what is cut off.
    """
    again = around(part.mapped, frozenset(down.link for down in downs))
    configuration = hardware(again)[1]
    tables = {name: table for name, table in configuration.memories.items() if name.endswith("_table")}
    levels = {
        **part.setup.levels,
        **settings(part.package, configuration),
        "cut": cut(part.package, part.cut.link(part.package)),
    }
    loaded = loads(part.package, Configuration(configuration.registers, tables))
    setup = replace(part.setup, loads=loaded, levels=levels)
    return replace(part, mapped=again, setup=setup, spikes=part.spikes[done:], seed=part.seed + 1)


def around(mapped: Mapped, dead: frozenset[Link]) -> Mapped:
    """`reroute`; where links cut nodes off, the error names these and their neurons."""
    machine = replace(mapped.machine, dead=mapped.machine.dead | dead)
    lost = cut_off(machine)
    if not lost:
        return reroute(mapped, dead)
    tiles = [
        f"{name_of(machine, one.node)}: {neurons_of(mapped, one)}"
        for one in mapped.placed
        if one.node in lost
    ]
    empty = [
        f"{name_of(machine, node)}: nothing" for node in lost if node not in {p.node for p in mapped.placed}
    ]
    raise BadInput(f"no way is left to {'; '.join([*tiles, *empty])}")


def cut_off(machine: Machine) -> list[Node]:
    """Nodes to which no living links lead from the host."""
    reached = {machine.host}
    while found := {other for (node, _), other in machine.links.items() if node in reached} - reached:
        reached |= found
    return sorted(set(range(machine.nodes)) - reached)


def _status(response: Response, die: str, link: Link, field: str) -> int:
    return int(response.final[f"{die}_bridges"][f"{link_name(*link)}_{field}"][0])


def _kept(part: CutPart, received: Records, done: int) -> tuple[Trace, list[Problem]]:
    """The trace of the first samples, of which all marks have come, and what is wrong with that."""
    if not done:
        addresses = part.mapped.program.addresses
        return Trace(event(addresses).records([], []), 0, part.spikes.shape[1], addresses), []
    marks = np.flatnonzero(received["kind"] == Kind.TICK)
    last = done * (1 + part.spikes.shape[1] * part.mapped.steps)
    return _judged(replace(part, spikes=part.spikes[:done]), received[: marks[last] + 1])


def _judged(part: CutPart, received: Records) -> tuple[Trace, list[Problem]]:
    return trace_of(part.mapped, part.spikes, part.marks, received)


@dataclass(frozen=True)
class Times:
    """When the host began to send, when the link was cut, and when the run was over."""

    began: int
    cut: int
    end: int

    @staticmethod
    def of(part: CutPart, done: Exchange) -> Times:
        """Those of a run."""
        clock = part.setup.clocks[part.package.host]
        before = int(done.before.final[f"{part.package.host}_log"]["cycles"][0])
        ends = before + done.response.cycles
        accepted = done.response.accepted_at["input"]
        began = before + int(accepted[0]) if len(accepted) else ends
        return Times(clock.time(began), clock.time(began + part.cut.cycle - 1), clock.time(ends))


def _late(part: CutPart, done: Exchange, downs: list[Down]) -> Iterator[Problem]:
    """What is wrong with when the ends of the cut link report it (rule 4.4 of `docs/bridge.md`).

    Raises BadInput where all is over before that.
    """
    package, clocks, times = part.package, part.setup.clocks, Times.of(part, done)
    end = part.cut.link(package)
    ends = {link: package.die_of(link[0]) for link in (end, package.lines[end])}
    periods = [clocks[die].period for die in ends.values()]
    bounds = {
        link: times.cut + package.bridge.silence * clocks[die].period + ON_ITS_WAY * max(periods)
        for link, die in ends.items()
    }
    if times.end < max(bounds.values()):
        if completed(part, done) < len(part.spikes):  # it stood still before the cut
            return
        cycles = (times.end - max(bounds.values()) + times.cut - times.began) // clocks[package.host].period
        raise BadInput(
            f"cut in cycle {part.cut.cycle}: the run is over before that is noticed; 1 … {cycles} would do"
        )
    seen = {down.link: down.time for down in downs}
    for link, die in ends.items():
        name = channel_name(package.mesh.machine, *link)
        if link not in seen:
            yield Problem(Detector.TIMEOUT, f"the link {name} is dead, and {die} does not report it")
        elif not times.cut < seen[link] <= bounds[link]:
            late = (seen[link] - times.cut) // clocks[die].period
            yield Problem(
                Detector.TIMING,
                f"the link {name} was reported {late} cycles of {die} after the cut; right are "
                f"{package.bridge.silence} after the last good flit",
            )


def _notes(part: CutPart, done: Exchange, downs: list[Down]) -> Iterator[str]:
    times = Times.of(part, done)
    for down in downs:
        period = part.setup.clocks[down.die].period
        yield (
            f"the link {channel_name(part.mapped.machine, *down.link)} is down, says {down.die} in cycle "
            f"{(down.time - times.began) // period} of its clock, {(down.time - times.cut) // period} after "
            f"the cut; words outstanding: {down.outstanding}"
        )
