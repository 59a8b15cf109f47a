"""Proves that an alteration changes nothing that can be seen: by induction over both machines, side by side.

Supposed is that all registers are equal. Where one turns out to differ, it is supposed to be equal while one
or two small registers have certain values: a register may well differ while nobody looks at it. What is left,
when all that need not hold one step later is taken away, holds in every step from reset. If then what comes
out is equal as well, so are all runs, cycle by cycle. What a stream puts out counts only while it is valid,
and what a memory is given only where it is written; a read at another address may give any other value.
Runs begin with a reset of `RESET_STEPS` cycles, after which memories hold the same in both, whatever it is.

Where this does not succeed nothing is known: the difference may be visible, or the induction too weak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from spikelock.testbenches.alterations import UNALTERED, Altering
from spikelock.testbenches.alterations.alteration import SELECTOR

from .graph import TRUE, Graph, Undecided
from .invariants import RESET_STEPS, Invariant, after_reset, invariants, words
from .machine import READ, Bit, Machine, machine

CONFLICTS = 20_000
"""Of the solver in one question; an alteration that takes more remains undecided."""

ROUNDS = 150
"""In which something is taken away; one that takes more has never been seen to succeed."""

WIDEST = 4
"""Bits of a register whose values are conditions."""

MOST_CONDITIONS = 3000
"""Pairs of conditions are left out where there would be more."""

Word = tuple[int, ...]
"""The state bits of a register."""

Condition = tuple[tuple[int, int], ...]
"""Some state bits have these values."""


def prove_equal(prepared: str, alterations: Sequence[Altering]) -> set[int]:
    """The numbers of the alterations of a prepared design that are proved to change nothing.

    Raises MissingTool without Yosys or python-sat.
    """
    if not alterations:
        return set()
    whole = machine(prepared, alterations)
    try:
        known = invariants(whole, selection(whole, UNALTERED))
    except Undecided:
        known = []
    return {one.number for one in alterations if is_equal(whole, known, one.number)}


def selection(whole: Machine, number: int) -> dict[Bit, int]:
    """The inputs that select an alteration."""
    return {bit: number >> bit.number & 1 for bit in whole.inputs if bit.name == SELECTOR}


def is_equal(whole: Machine, known: Sequence[Invariant], number: int) -> bool:
    """Whether that alteration is proved to change nothing. known: invariants of the unaltered machine."""
    pair = _Pair(whole, known, number)
    try:
        return pair.is_equal()
    except Undecided:
        return False
    finally:
        pair.graph.close()


@dataclass(frozen=True)
class _Outputs:
    """What one machine puts out: that which counts, and where it reads its memories."""

    visible: list[int]
    addresses: dict[str, list[int]]


class _Pair:
    """The machine as it is, and with an alteration."""

    def __init__(self, whole: Machine, known: Sequence[Invariant], number: int) -> None:
        self.machine, self.known, self.number = whole, known, number
        self.graph = graph = Graph()
        self.states = [graph.variable() for _ in whole.states]
        self.inputs = [graph.variable() for _ in whole.inputs]
        self.free_states = [graph.variable() for _ in whole.states]
        self.free_inputs = [graph.variable() for _ in whole.inputs]
        self.words = words(whole)
        self.equal = set(self.words)
        self.apart: dict[Word, list[Condition]] = {}
        """Registers that may differ, and when they do not."""
        self.moved: set[str] = set()
        """Reads of memories that may be at another address."""

    def is_equal(self) -> bool:
        """Takes away what does not follow, until all that is left does, or a difference may be seen."""
        graph = self.graph
        self._reset()
        for one in self.known:
            graph.require([one.holds(graph, self.states)])
        following, outputs = self._step(self.states, self.inputs, UNALTERED)
        for _ in range(ROUNDS):
            others = list(self.states)
            for word in self.apart:
                for n in word:
                    others[n] = self.free_states[n]
            inputs = [
                free if bit.name in self.moved else own
                for bit, own, free in zip(self.machine.inputs, self.inputs, self.free_inputs, strict=True)
            ]
            following_others, other_outputs = self._step(others, inputs, self.number)
            moved = {
                name: graph.either(map(graph.differ, address, other_outputs.addresses[name]))
                for name, address in outputs.addresses.items()
            }
            assumed = [*self._supposed(self.states, others).values(), *self._equal_reads(moved)]
            visible = graph.either(map(graph.differ, outputs.visible, other_outputs.visible))
            if graph.values([visible, *assumed], [], CONFLICTS) is not None:
                return False
            if not self._take_away(following, following_others, moved, assumed):
                return True
        return False

    def _reset(self) -> None:
        """Takes away what need not hold after a reset from equal states."""
        inputs = [[self.graph.variable() for _ in self.machine.inputs] for _ in range(RESET_STEPS)]
        states, others = (
            after_reset(
                self.machine, self.graph, self.free_states, [self._selected(i, number) for i in inputs]
            )
            for number in (UNALTERED, self.number)
        )
        while self._take_away(states, others, {}, []):
            pass

    def _step(self, states: Sequence[int], inputs: Sequence[int], number: int) -> tuple[list[int], _Outputs]:
        following, results = self.machine.step(self.graph, self._selected(inputs, number), states)
        return following, _outputs(self.machine, self.graph, results)

    def _selected(self, inputs: Sequence[int], number: int) -> list[int]:
        chosen = selection(self.machine, number)
        return [chosen.get(bit, own) for bit, own in zip(self.machine.inputs, inputs, strict=True)]

    def _equal_reads(self, moved: Mapping[str, int]) -> Iterator[int]:
        """Where the address is the same after all, so is what is read."""
        for bit, own, free in zip(self.machine.inputs, self.inputs, self.free_inputs, strict=True):
            if bit.name in self.moved:
                yield self.graph.both(self.graph.differ(own, free), moved[bit.name] ^ 1) ^ 1

    def _supposed(self, states: Sequence[int], others: Sequence[int]) -> dict[tuple[Word, Condition], int]:
        """Of the registers that may differ: that they do not, where a condition holds."""
        graph, met = self.graph, dict[Condition, int]()
        for condition in {c for conditions in self.apart.values() for c in conditions}:
            true = TRUE
            for bit, value in condition:
                true = graph.both(true, states[bit] ^ 1 ^ value)
            met[condition] = true
        return {
            (word, condition): graph.both(met[condition], self._differ(word, states, others)) ^ 1
            for word, conditions in self.apart.items()
            for condition in conditions
        }

    def _differ(self, word: Word, states: Sequence[int], others: Sequence[int]) -> int:
        return self.graph.either(self.graph.differ(states[n], others[n]) for n in word)

    def _take_away(
        self, states: Sequence[int], others: Sequence[int], moved: Mapping[str, int], assumed: Sequence[int]
    ) -> bool:
        """Finds a case in which something supposed is wrong, and takes away all that is wrong in it."""
        graph = self.graph
        elsewhere = {name: literal for name, literal in moved.items() if name not in self.moved}
        unequal = {word: self._differ(word, states, others) for word in self.equal}
        unheld = {what: literal ^ 1 for what, literal in self._supposed(states, others).items()}
        questions = [*elsewhere.values(), *unequal.values(), *unheld.values()]
        values = graph.values([graph.either(questions), *assumed], [*questions, *states], CONFLICTS)
        if values is None:
            return False
        answers = iter(values)
        self.moved |= {name for name in elsewhere if next(answers)}
        apart = [word for word in unequal if next(answers)]
        for word, condition in [what for what in unheld if next(answers)]:
            self.apart[word].remove(condition)
        reached = list(answers)
        for word in apart:
            self.equal.remove(word)
            self.apart[word] = [
                c for c in self._conditions(word) if any(reached[bit] != value for bit, value in c)
            ]
        return True

    def _conditions(self, word: Word) -> list[Condition]:
        """Small registers have certain values: one, or two of them that are of the same part as the word."""
        near = [self.values[one] for one in self.values if self._part(one) == self._part(word)]
        pairs = [a + b for one, other in combinations(near, 2) for a, b in product(one, other)]
        singles = [value for values in self.values.values() for value in values]
        return singles + (pairs if len(pairs) <= MOST_CONDITIONS else [])

    @cached_property
    def values(self) -> dict[Word, list[Condition]]:
        """That small registers have each of their values."""
        return {
            word: [
                tuple((bit, value >> place & 1) for place, bit in enumerate(word))
                for value in range(1 << len(word))
            ]
            for word in self.words
            if len(word) <= WIDEST
        }

    def _part(self, word: Word) -> str:
        part, dot, _ = self.machine.states[word[0]].name.partition(".")
        return part if dot else ""


def _outputs(whole: Machine, graph: Graph, results: Sequence[int]) -> _Outputs:
    by_name: dict[str, list[int]] = {}
    for bit, literal in sorted(zip(whole.outputs, results, strict=True)):
        by_name.setdefault(bit.name, []).append(literal)
    visible, addresses = list[int](), dict[str, list[int]]()
    for name, bits in by_name.items():
        port, _, pin = name.partition(".")
        valid = by_name.get(f"{name.removesuffix('__payload')}__valid", [TRUE])
        if pin == "ADDR" and port.startswith(READ):
            addresses[f"{port}.DATA"] = bits
        elif pin == "ADDR":
            written = graph.either(by_name[f"{port}.EN"])
            visible += [graph.both(bit, written) for bit in bits]
        elif pin == "DATA":
            visible += map(graph.both, bits, by_name[f"{port}.EN"])
        else:
            visible += [graph.both(bit, valid[0]) for bit in bits]
    return _Outputs(visible, addresses)
