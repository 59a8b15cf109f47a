"""Why two levels of a network differ: the place, what each side has there, and what the neuron was given.

digits: rtl differs from engine at sample 17, tick 9, hidden[23]: spike missing
  engine spike 1   v 214 → 0      rtl spike 0   v 208 → 255
  membrane differs since tick 8
  inputs this tick: 4 events, sum 12 (axons 3 9 31 40)
  smallest stimulus that still fails: 1 sample, 2 ticks, 3 events (shrunk from 360 × 32 in 4.1 s)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.compare import Divergence, first_divergence
from spikelock.models.engine import network as engine
from spikelock.models.engine.sc.tile import Tile as StochasticTile
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.network.program import Population, Program
from spikelock.models.network.trace import Trace
from spikelock.models.ports import Records
from spikelock.models.sc import tile as sc_tile
from spikelock.models.shrink import Shrunk


@dataclass(frozen=True)
class Side:
    """What one level has: how often the address spiked in the tick, and the membrane before and after it."""

    level: str
    spikes: int
    before: int | None = None
    after: int | None = None

    def __str__(self) -> str:
        membrane = "" if self.after is None else f"   v {self.before} → {self.after}"
        return f"{self.level} spike {self.spikes}{membrane}"


@dataclass(frozen=True)
class Given:
    """What the neuron was given in the tick.

    axons: addresses whose spikes reached it. sum: of their weights, or what bit streams made of it. bias:
    added to it. refractory: steps the neuron had left.
    """

    axons: tuple[int, ...]
    sum: int
    bias: int
    refractory: int

    def __str__(self) -> str:
        events = f"{len(self.axons)} event{'' if len(self.axons) == 1 else 's'}"
        axons = f" (axons {' '.join(map(str, self.axons))})" if self.axons else ""
        bias = f", bias {self.bias}" if self.bias else ""
        refractory = f", refractory for {self.refractory} more" if self.refractory else ""
        return f"{events}, sum {self.sum}{bias}{axons}{refractory}"


@dataclass(frozen=True)
class Explanation:
    """The report of one divergence.

    what: in words. population, index: the neuron or input, None where a mark differs. membrane_since: the
    first tick after which the neuron's membrane potentials differ, where both are known. given: None for an
    input or a mark. divergence: the two records themselves. smallest: the shrunk stimulus, if one was sought.
    """

    network: str
    sample: int
    tick: int
    population: str | None
    index: int | None
    what: str
    expected: Side
    actual: Side
    membrane_since: int | None
    given: Given | None
    divergence: Divergence
    smallest: Shrunk | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-able values."""
        return {
            "network": self.network,
            "sample": self.sample,
            "tick": self.tick,
            "population": self.population,
            "index": self.index,
            "what": self.what,
            "membrane_since": self.membrane_since,
            "expected": asdict(self.expected),
            "actual": asdict(self.actual),
            "given": asdict(self.given) if self.given else None,
            "divergence": self.divergence.to_dict(),
            "smallest": self.smallest.to_dict() if self.smallest else None,
        }

    def lines(self) -> list[str]:
        """The report as lines of text."""
        where = f"sample {self.sample}, tick {self.tick}"
        if self.population is not None:
            where += f", {self.population}[{self.index}]"
        lines = [
            f"{self.network}: {self.actual.level} differs from {self.expected.level} at {where}: {self.what}"
        ]
        if self.population is not None:
            lines.append(f"  {self.expected}      {self.actual}")
        if self.membrane_since is not None:
            lines.append(f"  membrane differs since tick {self.membrane_since}")
        expected, actual = _event(self.divergence.expected), _event(self.divergence.actual)
        lines.append(f"  event {self.divergence.index}: {expected} was expected, {actual} came")
        if self.given is not None:
            lines.append(f"  inputs this tick: {self.given}")
        if self.smallest is not None:
            lines.append(f"  smallest stimulus that still fails: {self.smallest}")
        return lines


def explain(
    program: Program,
    spikes: NDArray[np.bool_],
    expected: Trace,
    actual: Trace,
    *,
    network: str = "network",
    levels: tuple[str, str] = ("engine", "rtl"),
    smallest: Shrunk | None = None,
) -> Explanation | None:
    """The report of the first divergence of two traces of one program on the same input spikes, or None.

    Membrane potentials are those the traces hold; where the expected level is the engine or the reference and
    was not probed, the engine runs that one sample again. Raises BadInput as `first_divergence` does.
    """
    divergence = first_divergence(expected.events, actual.events)
    if divergence is None:
        return None
    index = divergence.index
    sample, tick = _place(expected.events, index)
    what, address = _culprit(expected.events, actual.events, index)
    population, number = None, None
    if address is not None and address < program.addresses:
        population, number = program.locate(address)

    given = None
    membranes: list[Ints | None] = [None, None]
    neurons = next((p for p in program.populations if p.name == population), None)
    if neurons is not None and number is not None and sample < expected.samples and tick < expected.ticks:
        golden = engine.run(program, spikes[sample : sample + 1, : tick + 1], probe=[neurons.name])
        given = _given(neurons, number, golden.raster()[0])
        rest = neurons.configuration.registers.get("rest", neurons.params.neuron.rest)
        membranes = [
            _membrane(trace, neurons.name, sample, tick, number, rest) for trace in (expected, actual)
        ]
        if membranes[0] is None and levels[0] in ("engine", "reference"):
            membranes[0] = _membrane(golden, neurons.name, 0, tick, number, rest)
    sides = [
        Side(level, _spikes_in_tick(trace.events, index, address), *(() if v is None else v[-2:].tolist()))
        for level, trace, v in zip(levels, (expected, actual), membranes, strict=True)
    ]
    return Explanation(
        network=network,
        sample=sample,
        tick=tick,
        population=population,
        index=number,
        what=what,
        expected=sides[0],
        actual=sides[1],
        membrane_since=_differs_since(*membranes),
        given=given,
        divergence=divergence,
        smallest=smallest,
    )


def _place(events: Records, index: int) -> tuple[int, int]:
    """Sample and tick that the events before `index` have reached."""
    kind = events["kind"][:index]
    restarts = np.flatnonzero(kind == Kind.RESTART)
    start = int(restarts[-1]) if len(restarts) else 0
    return max(len(restarts) - 1, 0), int(np.count_nonzero(kind[start:] == Kind.TICK))


def _culprit(expected: Records, actual: Records, index: int) -> tuple[str, int | None]:
    """What differs at `index`, in words, and the address that is to blame, None for a mark."""
    if index >= len(actual):
        return "the stream ends early", _address(expected, index)
    if index >= len(expected):
        return "the stream goes on after its end", _address(actual, index)
    ours, theirs = Kind(expected["kind"][index]), Kind(actual["kind"][index])
    if theirs is Kind.FAULT:
        return f"FAULT for address {actual['address'][index]}", _address(expected, index)
    marks_lost = _marks(expected) - _marks(actual)
    if ours is not Kind.SPIKE and marks_lost > 0 and _same_tick(expected[index + 1 :], actual[index:]):
        return f"{ours.name} lost", None
    if theirs is not Kind.SPIKE and marks_lost < 0 and _same_tick(expected[index:], actual[index + 1 :]):
        return f"{theirs.name} too many", None
    if ours is not Kind.SPIKE and theirs is not Kind.SPIKE:
        return f"{ours.name} expected, {theirs.name} came", None

    due, came = _address(expected, index), _address(actual, index)
    candidates = []
    if due is not None and due not in _tick(actual[index:])["address"]:
        candidates.append((due, "spike missing"))
    if came is not None and came not in _tick(expected[index:])["address"]:
        candidates.append((came, "spike too many"))
    address, what = min(candidates, default=(due, "spike out of order"))
    return what, address


def _event(record: Mapping[str, int] | None) -> str:
    if record is None:
        return "nothing more"
    kind = Kind(record["kind"])
    return kind.name if kind in (Kind.TICK, Kind.RESTART) else f"{kind.name} {record['address']}"


def _marks(events: Records) -> int:
    """How many marks a stream holds."""
    return int(np.count_nonzero((events["kind"] == Kind.TICK) | (events["kind"] == Kind.RESTART)))


def _address(events: Records, index: int) -> int | None:
    """The address of a spike, None for another event."""
    return int(events["address"][index]) if events["kind"][index] == Kind.SPIKE else None


def _tick(events: Records) -> Records:
    """The events before the first mark."""
    marks = np.flatnonzero((events["kind"] == Kind.TICK) | (events["kind"] == Kind.RESTART))
    return events[: marks[0]] if len(marks) else events


def _same_tick(expected: Records, actual: Records) -> bool:
    """Whether two streams go on with the same events up to and with the next mark."""
    upto = len(_tick(expected)) + 1
    return np.array_equal(expected[:upto], actual[:upto])


def _spikes_in_tick(events: Records, index: int, address: int | None) -> int:
    """How often an address spiked in the tick that the event at `index` is in."""
    earlier = _tick(events[:index][::-1])
    return sum(
        int(np.count_nonzero((part["kind"] == Kind.SPIKE) & (part["address"] == address)))
        for part in (earlier, _tick(events[index:]))
    )


def _membrane(trace: Trace, population: str, sample: int, tick: int, neuron: int, rest: int) -> Ints | None:
    """A neuron's membrane potential before tick 0 and after each tick up to `tick`, where it was probed."""
    if population not in trace.membranes:
        return None
    return np.concatenate(([rest], trace.membranes[population][sample, : tick + 1, neuron]))


def _differs_since(expected: Ints | None, actual: Ints | None) -> int | None:
    """The first tick after which two membrane potentials differ."""
    if expected is None or actual is None or np.array_equal(expected, actual):
        return None
    return int(np.argmax(expected != actual)) - 1


def _given(population: Population, neuron: int, raster: NDArray[np.bool_]) -> Given:
    """What a neuron was given in the last tick of a raster of shape (ticks, addresses)."""
    params = population.params
    bias = int(population.configuration.memories["bias"]["bias"][neuron])
    if isinstance(params, sc_tile.Params):
        first = params.first
        axons = [first + int(j) for j in np.flatnonzero(raster[-1, first : first + params.layer.inputs])]
        streams = StochasticTile(params, population.configuration, 1)
        total = int(streams.currents(raster[-1:, : params.axons])[0, neuron]) - bias
    else:
        axons, total = _delivered(population, neuron, raster)
    fired = np.flatnonzero(raster[:-1, params.axons + neuron])
    registers = population.configuration.registers
    period = registers.get("refractory_period", params.neuron.refractory_period)
    left = max(0, period - (len(raster) - 2 - int(fired[-1]))) if len(fired) else 0
    return Given(tuple(axons), total, bias, left)


def _delivered(population: Population, neuron: int, raster: NDArray[np.bool_]) -> tuple[list[int], int]:
    """The sources whose synapses reached a neuron with exact sums, and the sum of their weights."""
    params, memories = population.exact, population.configuration.memories
    sent = np.flatnonzero(raster[-1, : params.axons])
    if params.recurrent and len(raster) > 1:
        own = np.flatnonzero(raster[-2, params.axons : params.rows])
        sent = np.concatenate((sent, params.axons + own))
    axons, total = list[int](), 0
    for source in sent.tolist():
        start, length = memories["rows"][source].tolist()
        row = memories["synapses"][start : start + length]
        weights = row["weight"][row["target"] == neuron]
        if len(weights):
            axons.append(source)
            total += int(weights.sum())
    return axons, total
