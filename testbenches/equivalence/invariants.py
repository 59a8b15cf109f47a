"""What holds in every state that a machine can come to from reset.

What has held in every state of a random simulation is supposed; of that is kept what is proved by induction:
the largest part that holds at first and, where all of it holds, holds one step later. What the simulation did
not reach does not matter: nothing is kept because it was not seen to fail.

C. Flanagan and K. R. M. Leino, "Houdini, an annotation assistant for ESC/Java", FME 2001; C. A. J. van Eijk,
"Sequential equivalence checking without state space traversal", DATE 1998.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

from .graph import FALSE, Algebra, Graph, Lanes, Value
from .machine import Bit, Machine

RESET = Bit("rst", 0)

RESET_STEPS = 2
"""The first reset is on for so many at least: in the first, a memory may still be read anywhere."""

LANES, STEPS = 256, 120
"""Of the simulation: how many at a time, and how many steps of each."""

WIDEST = 9
"""Registers of more bits hold data: about those nothing is supposed but what is about single bits."""

MOST_BITS = 120
"""Bits between which clauses of two are supposed."""

CONFLICTS = 20_000
"""Of the solver in one question; a part that takes more is given up."""


@dataclass(frozen=True)
class Clause:
    """One of these is true. literals: twice the number of a state bit, plus 1 where it is inverted."""

    literals: tuple[int, ...]

    def holds(self, algebra: Algebra[Value], states: Sequence[Value]) -> Value:
        """Whether it does."""
        none = reduce(algebra.both, [algebra.invert(_literal(algebra, states, a)) for a in self.literals])
        return algebra.invert(none)


@dataclass(frozen=True)
class AtMost:
    """Where the condition holds, an unsigned word is no larger than that. bits: the lowest first."""

    condition: int | None
    bits: tuple[int, ...]
    limit: int

    def holds(self, algebra: Algebra[Value], states: Sequence[Value]) -> Value:
        """Whether it is."""
        both, invert = algebra.both, algebra.invert
        larger = algebra.false
        for place, number in enumerate(self.bits):
            bit = states[number]
            if self.limit >> place & 1:
                larger = both(larger, bit)
            else:
                larger = invert(both(invert(larger), invert(bit)))
        if self.condition is not None:
            larger = both(larger, _literal(algebra, states, self.condition))
        return invert(larger)


Invariant = Clause | AtMost


def _literal(algebra: Algebra[Value], states: Sequence[Value], literal: int) -> Value:
    bit = states[literal >> 1]
    return algebra.invert(bit) if literal & 1 else bit


def invariants(machine: Machine, constants: Mapping[Bit, int]) -> list[Invariant]:
    """The invariants that are found. constants: inputs that do not change, and their values.

    Raises Undecided where the solver takes too long.
    """
    return _inductive(machine, _supposed(machine, constants), constants)


def after_reset(
    machine: Machine, algebra: Algebra[Value], states: Sequence[Value], inputs: Sequence[Sequence[Value]]
) -> Sequence[Value]:
    """The states after a reset; where the machine has none, those that its registers begin with.

    states: before it. inputs: those of each of its steps, so many as it has.
    """
    true = algebra.invert(algebra.false)
    if RESET not in machine.inputs:
        initial = zip(states, machine.initial, strict=True)
        return [s if value is None else (true if value else algebra.false) for s, value in initial]
    for given in inputs:
        held = [true if bit == RESET else one for bit, one in zip(machine.inputs, given, strict=True)]
        states, _ = machine.step(algebra, held, states)
    return states


def words(machine: Machine) -> list[tuple[int, ...]]:
    """State bits by register, the lowest first."""
    found: dict[str, list[int]] = {}
    for number, bit in sorted(enumerate(machine.states), key=lambda item: item[1]):
        found.setdefault(bit.name, []).append(number)
    return [tuple(bits) for bits in found.values()]


def _supposed(machine: Machine, constants: Mapping[Bit, int]) -> list[Invariant]:
    small = [bits for bits in words(machine) if len(bits) <= WIDEST]
    seen, lanes = _simulated(machine, constants)
    control = [number for bits in small for number in bits][:MOST_BITS]
    flags = [bits[0] for bits in small if len(bits) == 1]
    conditions = [None, *(2 * n + sign for n in flags for sign in (0, 1))]
    candidates: list[Invariant] = [
        Clause((2 * a + p, 2 * b + q)) for a, b in combinations(control, 2) for p in (0, 1) for q in (0, 1)
    ]
    candidates += [Clause((2 * n + sign,)) for n in range(len(machine.states)) for sign in (0, 1)]
    for bits in small:
        if len(bits) > 1:
            for condition in conditions:
                limit = _largest(seen, bits, condition, lanes)
                if limit is not None and limit < (1 << len(bits)) - 1:
                    candidates.append(AtMost(condition, bits, limit))
    return [one for one in candidates if one.holds(lanes, seen) == lanes.all]


def _largest(seen: Sequence[int], bits: Sequence[int], condition: int | None, lanes: Lanes) -> int | None:
    """The largest value of a word in the states that were seen, where the condition holds; None for none."""
    left = lanes.all if condition is None else _literal(lanes, seen, condition)
    if not left:
        return None
    value = 0
    for place in reversed(range(len(bits))):
        if with_bit := left & seen[bits[place]]:
            left = with_bit
            value |= 1 << place
    return value


def _simulated(machine: Machine, constants: Mapping[Bit, int]) -> tuple[list[int], Lanes]:
    """All states of a simulation, side by side, and the lanes to look at them with."""
    chance, lanes = random.Random(0), Lanes(LANES)
    seldom = False

    def inputs() -> list[int]:
        sparse = lanes.all if not seldom else chance.getrandbits(LANES)
        return [
            constants[bit] * lanes.all if bit in constants else chance.getrandbits(LANES) & sparse
            for bit in machine.inputs
        ]

    first = [chance.getrandbits(LANES) for _ in machine.states]
    states = after_reset(machine, lanes, first, [inputs() for _ in range(RESET_STEPS)])
    seen = list(states)
    for step in range(1, STEPS):
        seldom = bool(chance.getrandbits(1))  # in every other step, inputs are true in one lane of four
        states, _ = machine.step(lanes, inputs(), states)
        seen = [old | new << (LANES * step) for old, new in zip(seen, states, strict=True)]
    return seen, Lanes(LANES * STEPS)


def _inductive(
    machine: Machine, supposed: Iterable[Invariant], constants: Mapping[Bit, int]
) -> list[Invariant]:
    """The largest part that is inductive."""
    graph = Graph()
    states = [graph.variable() for _ in machine.states]
    inputs, *reset = (
        [constants[bit] if bit in constants else graph.variable() for bit in machine.inputs]
        for _ in range(1 + RESET_STEPS)
    )
    first = after_reset(machine, graph, states, reset)
    left = _kept(graph, dict.fromkeys(supposed), first, {})
    following, _ = machine.step(graph, inputs, states)
    left = _kept(graph, left, following, {one: one.holds(graph, states) for one in left})
    graph.close()
    return list(left)


def _kept(
    graph: Graph, left: dict[Invariant, None], states: Sequence[int], assumed: Mapping[Invariant, int]
) -> dict[Invariant, None]:
    """Those that hold in these states, as long as those that are left do where they are assumed."""
    one_lane = Lanes(1)
    wrong = {one: one.holds(graph, states) ^ 1 for one in left}
    while True:
        begun = len(left)
        all_assumed = graph.variable()
        for one in left:
            if one in assumed:
                graph.require([all_assumed ^ 1, assumed[one]])
        # Within a pass more is assumed than is left: what is found wrong is wrong, the rest is asked again.
        for one in list(left):
            if one not in left or wrong[one] == FALSE:
                continue
            values = graph.values([wrong[one], all_assumed], states, CONFLICTS)
            if values is not None:
                left = {other: None for other in left if other.holds(one_lane, values)}
        if len(left) == begun:
            return left
