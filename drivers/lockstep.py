"""Lockstep with a board: the engine runs beside it, and the board stops at the first tick that differs.

The events that the engine expects are streamed to the board, which holds its own against them as they leave
the chain (`monitor.comparator`) and works one tick at a time. So where they differ its neurons still have
the state of that tick, which is read out and held against the specification's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from spikelock.models.board import channels as words
from spikelock.models.compare import first_divergence
from spikelock.models.core import run_reference
from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput
from spikelock.models.fabric import chain
from spikelock.models.fabric.inspection import chain_state_records, chain_states
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.link.protocol import Channel
from spikelock.models.network.explain import Explanation, explain
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, events_of_raster
from spikelock.models.ports import Port, Records

from .board import Board

PATIENCE = 2.0
"""Seconds without any event after which a board has nothing more to say."""

LOOK_EVERY = 0.25
"""Seconds between two looks at the register `stopped`."""


@dataclass(frozen=True)
class WrongState:
    """A record of the neurons' state that is not as specified: memory, address, and both records."""

    memory: str
    address: int
    expected: Mapping[str, int]
    actual: Mapping[str, int]

    def __str__(self) -> str:
        fields = ", ".join(f"{name} {self.expected[name]}" for name in self.expected)
        found = ", ".join(f"{name} {self.actual[name]}" for name in self.actual)
        return f"{self.memory}[{self.address}]: {fields} specified, {found} found"


@dataclass(frozen=True)
class Lockstep:
    """What came of it.

    golden, actual: the engine's events, and the board's up to where it stopped. stopped: the board found the
    difference itself; else it sent all, or nothing more came. states: by memory, what the neurons hold after
    the tick that differs, where that could be read. wrong_states: where that is not as specified.
    explanation: the first divergence, None where all is equal.
    """

    golden: Trace
    actual: Trace
    stopped: bool
    explanation: Explanation | None = None
    states: Mapping[str, Records] = field(default_factory=dict)
    wrong_states: Sequence[WrongState] = ()

    @property
    def agrees(self) -> bool:
        """All events came, and all are the engine's."""
        return not self.stopped and self.explanation is None

    def lines(self) -> list[str]:
        """The report as lines of text."""
        if self.explanation is None:
            return ["the board agrees with the engine"] if self.agrees else ["the board stopped"]
        lines = self.explanation.lines()
        if self.stopped:
            lines.append("  the board stopped after this tick; its state was read out")
        lines += [f"  {wrong}" for wrong in self.wrong_states[:8]]
        if len(self.wrong_states) > 8:
            lines.append(f"  and {len(self.wrong_states) - 8} more records of state differ")
        return lines


def run_in_lockstep(
    board: Board, program: Program, spikes: NDArray[np.bool_], network: str = "network"
) -> Lockstep:
    """Runs a program on a board beside the engine, for input spikes of shape (samples, ticks, inputs).

    Raises BadInput for a board that cannot run it, LinkError, LineLost and SessionLost where the link fails.
    """
    if not board.capability.board.lockstep:
        raise BadInput(
            f"the board {board.capability.board.name} has no hardware for lockstep: spikelock build "
            "--monitors, on a board with room for it, or a virtual board"
        )
    samples, ticks = check_input(program, spikes)
    golden = engine.run(program, spikes)
    board.registers["run"] = 0
    board.registers["lockstep"] = 1
    try:
        board.load(program)
        events, stopped = _stream(board, events_of_raster(spikes, board.incoming), golden.events)
        done = Lockstep(golden, Trace(events, samples, ticks, program.addresses), stopped)
        if (divergence := first_divergence(golden.events, events)) is None:
            return done
        sample, tick = golden.position(divergence.index)
        done = _with_states(board, program, spikes, done, max(sample, 0), tick)
    finally:
        _end(board)
    actual = _look_closer(board, program, spikes, done, max(sample, 0), tick)
    found = explain(program, spikes, golden, actual, network=network, levels=("engine", "board"))
    return replace(done, explanation=found)


def _end(board: Board) -> None:
    """Leaves the lockstep; events that the board has not taken are dropped first."""
    board.registers["run"] = 0
    give_up = board.link.clock() + PATIENCE
    while board.registers["events_waiting"] and board.link.clock() < give_up:
        pass
    board.registers["lockstep"] = 0


def membranes(
    board: Board, program: Program, spikes: NDArray[np.bool_], population: str
) -> tuple[Records, Ints]:
    """The events of one sample, run a tick at a time, and a population's membrane potentials after each tick.

    Shapes: spikes (ticks, inputs), potentials (ticks, neurons). Raises as `run_in_lockstep`.
    """
    number = [p.name for p in program.populations].index(population)
    neurons = f"{chain.prefix(number)}neurons"
    board.load(program)
    stream = events_of_raster(spikes[np.newaxis], board.incoming)
    ends = np.flatnonzero(stream["kind"] == Kind.TICK) + 1
    came, potentials = [], []
    for part in np.split(stream, ends)[:-1]:
        came.append(board.run(part))
        potentials.append(
            board.read_memory(neurons)["membrane"][: program.populations[number].params.neurons]
        )
    return np.concatenate(came), np.array(potentials)


def _stream(board: Board, events: Records, expected: Records) -> tuple[Records, bool]:
    """Sends events and expected events as there are credits; the events that came, and whether it stopped."""
    link = board.link
    link.words(Channel.EXPECTED, send=words.record_bytes(board.outgoing))
    streams = {
        Channel.EVENTS: _Outgoing(board.incoming, events),
        Channel.EXPECTED: _Outgoing(board.outgoing, expected),
    }
    came: list[Records] = []
    count, stopped = 0, False
    give_up = board.link.clock() + PATIENCE
    look = board.link.clock() + LOOK_EVERY
    while count < len(expected) and not stopped and (now := board.link.clock()) < give_up:
        moved = False
        for channel, stream in streams.items():
            if data := stream.take(link.credit(channel)):
                link.send(channel, data)
                moved = True
        some = board.take_events()
        came += some
        count += sum(map(len, some))
        if moved or some:
            give_up = now + PATIENCE
        else:
            link.poll(0.02)
        if now > look:
            stopped = bool(board.registers["stopped"])
            look = now + LOOK_EVERY
    came += board.take_the_rest(board.link.clock() + PATIENCE)
    stopped = bool(board.registers["stopped"])
    return np.concatenate([np.zeros(0, board.outgoing.dtype), *came]), stopped


class _Outgoing:
    """Records that are sent bit by bit, as there are credits."""

    def __init__(self, port: Port, records: Records) -> None:
        self._size = words.record_bytes(port)
        self._data = memoryview(words.to_bytes(port, records))

    def take(self, count: int) -> memoryview:
        """At most so many of those that are left."""
        some, self._data = self._data[: count * self._size], self._data[count * self._size :]
        return some


def _with_states(
    board: Board, program: Program, spikes: NDArray[np.bool_], done: Lockstep, sample: int, tick: int
) -> Lockstep:
    """Reads the neurons' states, which are those after a tick, and holds them against the reference's."""
    if not done.stopped:
        return done
    stored = board.capability.board.chain
    states = {name: board.read_memory(name) for name in chain_states(stored)}
    stream = events_of_raster(spikes[sample : sample + 1, : tick + 1], chain.inputs(program.params)["input"])
    state, _ = run_reference(chain.CORE, program.params, program.configuration, {"input": stream})
    wrong = []
    for name, expected in chain_state_records(program.params, state).items():
        found = states[name][: len(expected)]
        for address in np.flatnonzero(found != expected).tolist():
            records = [
                dict(zip(r.dtype.names or (), r[address].item(), strict=True)) for r in (expected, found)
            ]
            wrong.append(WrongState(name, address, *records))
    return replace(done, states=states, wrong_states=tuple(wrong))


def _look_closer(
    board: Board, program: Program, spikes: NDArray[np.bool_], done: Lockstep, sample: int, tick: int
) -> Trace:
    """The board's trace, with membrane potentials where it does the same again when it runs tick by tick."""
    found = explain(program, spikes, done.golden, done.actual)
    names = [p.name for p in program.populations]
    if found is None or found.population not in names or sample >= len(spikes):
        return done.actual
    events, potentials = membranes(board, program, spikes[sample, : tick + 1], found.population)
    starts = np.flatnonzero(done.actual.events["kind"] == Kind.RESTART)
    before = done.actual.events[starts[sample] :] if sample < len(starts) else done.actual.events[:0]
    if not np.array_equal(events[: len(before)], before[: len(events)]):
        return done.actual
    whole = np.zeros((done.actual.samples, done.actual.ticks, potentials.shape[1]), np.int64)
    whole[sample, : tick + 1] = potentials
    return replace(done.actual, membranes={found.population: whole})
