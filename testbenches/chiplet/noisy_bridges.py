"""Two bridges with clocks of their own, at the ends of lanes as bad as they are told to be: for a soak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, DomainRenamer, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.bridge import Params, words
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port
from spikelock.rtl.chiplet.bridge import Bridge
from spikelock.rtl.ports import carried
from spikelock.testbenches.link.noisy_line import xorshift

RATE_BITS = 24
BIT = unsigned(1)
RATES = Port(
    {
        **{name: unsigned(RATE_BITS) for name in ("bit_errors", "bursts", "stops")},
        "dead_to_east": BIT,
        "dead_to_west": BIT,
    },
    kind="level",
    clock="west",
)
"""How often each fault happens, in 2^−24 of beats, and whether a line is dead. A bit error is one wire in one
beat, drawn twice a beat. In a burst of up to 16 beats all wires are random. A stop is the forwarded clock
standing still for up to 16 beats."""

COUNTS = Port(
    {name: unsigned(32) for name in ("flits", "faults")}
    | {name: unsigned(16) for name in ("dropped", "replays", "ignored")},
    kind="level",
    clock="west",
)
"""Flits sent by both ends; faults of the lines; what both ends counted, which wraps."""

STATUS = Port({"up": BIT, "outstanding": unsigned(8)}, kind="level")


class NoisyLanes(wiring.Component):
    """Lanes in one direction. runs: the forwarded clock does. faults: counts those that began."""

    def __init__(self, shape: Any, seed: int) -> None:
        self.shape, self.seed = shape, seed
        members = {"input": In(shape), "output": Out(shape), "runs": Out(1), "faults": Out(32)}
        super().__init__({**members, "rates": In(carried(RATES)), "dead": In(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        beat = self.input.as_value()
        wires = len(beat)
        draws = [xorshift(m, self.seed ^ salt) for salt in (0, 0x5EED, 0xBEEF, 0xF00D, 0xABBA)]
        noise = Cat(draws[2], draws[3])[:wires]
        flips = Signal(wires)
        burst, stop = Signal(range(17)), Signal(range(17))
        hits = [draw[:RATE_BITS] < self.rates.bit_errors for draw in draws[:2]]
        # A slice and not a shift: the value that is shifted by it below has 2^width bits.
        places = [((draw[RATE_BITS:] ^ draws[4][:8]) * wires)[8:] for draw in draws[:2]]
        bursts = draws[2][:RATE_BITS] < self.rates.bursts
        stops = draws[3][:RATE_BITS] < self.rates.stops
        m.d.comb += flips.eq(
            Mux(hits[0], 1 << places[0], 0) ^ Mux(hits[1], 1 << places[1], 0) ^ Mux(burst != 0, noise, 0)
        )
        m.d.sync += [
            burst.eq(Mux(bursts, draws[4][:4] + 1, burst - (burst != 0))),
            stop.eq(Mux(stops, draws[4][4:8] + 1, stop - (stop != 0))),
            self.faults.eq(self.faults + hits[0] + hits[1] + bursts + stops),
            self.output.eq(Mux(self.dead, 0, beat ^ flips)),
            self.runs.eq(stop == 0),
        ]
        return m


class NoisyBridges(wiring.Component):
    """A bridge on each of two dies, in the domains `west` and `east`. east: in place of the core's own."""

    def __init__(self, params: Params, east: Any = None) -> None:
        self.params, self.east = params, east
        west_words, east_words = (replace(words(params), clock=clock) for clock in ("west", "east"))
        self.inputs: Mapping[str, Port] = {"to_east": west_words, "to_west": east_words, "rates": RATES}
        self.outputs: Mapping[str, Port] = {
            "at_east": east_words,
            "at_west": west_words,
            "west_status": replace(STATUS, clock="west"),
            "east_status": replace(STATUS, clock="east"),
            "counts": COUNTS,
        }
        members = {name: In(carried(port)) for name, port in self.inputs.items()}
        super().__init__(members | {name: Out(carried(port)) for name, port in self.outputs.items()})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bridges = {"west": Bridge(self.params), "east": self.east or Bridge(self.params)}
        dead = {"west": self.rates.dead_to_east, "east": self.rates.dead_to_west}
        status = {"west": self.west_status, "east": self.east_status}
        flits, faults = [], []
        for seed, (die, other) in enumerate((("west", "east"), ("east", "west")), 1):
            bridge = bridges[die]
            m.submodules[die] = DomainRenamer({"sync": die, "line": other})(bridge)
            lanes = NoisyLanes(bridge.to_line.shape(), seed)
            m.submodules[f"lanes_from_{die}"] = DomainRenamer(die)(lanes)
            sent = Signal(32, name=f"flits_of_{die}")
            m.d[die] += sent.eq(sent + bridge.to_line.frame)
            m.d.comb += [
                lanes.input.eq(bridge.to_line),
                lanes.rates.eq(self.rates),
                lanes.dead.eq(dead[die]),
                bridges[other].from_line.eq(lanes.output),
                bridges[other].runs.eq(lanes.runs),
                status[die].up.eq(bridge.status.up),
                status[die].outstanding.eq(bridge.status.outstanding),
            ]
            flits.append(sent)
            faults.append(lanes.faults)
        west, east = bridges["west"], bridges["east"]
        m.d.comb += [
            self.counts.flits.eq(flits[0] + flits[1]),
            self.counts.faults.eq(faults[0] + faults[1]),
            self.counts.dropped.eq(west.dropped + east.dropped),
            self.counts.replays.eq(west.counters.replays + east.counters.replays),
            self.counts.ignored.eq(west.counters.ignored + east.counters.ignored),
        ]
        wiring.connect(m, wiring.flipped(self.to_east), west.send)
        wiring.connect(m, wiring.flipped(self.to_west), east.send)
        wiring.connect(m, east.receive, wiring.flipped(self.at_east))
        wiring.connect(m, west.receive, wiring.flipped(self.at_west))
        return m
