"""And-inverter graphs with a SAT solver behind them.

A literal is an integer: twice the number of a node, plus 1 where it is inverted. Node 0 is false. Equal gates
are one node, so what two circuits have in common is there once, and nothing about it needs to be proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from spikelock.models.errors import MissingTool

FALSE, TRUE = 0, 1
SOLVER = "glucose4"


Value = TypeVar("Value")


class Algebra(Protocol[Value]):
    """What a circuit can be evaluated in: literals of a graph, or bits of many simulations at a time."""

    false: Value

    def both(self, a: Value, b: Value) -> Value:
        """And."""
        ...

    def invert(self, a: Value) -> Value:
        """Not."""
        ...


class Lanes:
    """Bits of so many simulations, side by side in one integer."""

    def __init__(self, count: int) -> None:
        self.false = 0
        self.all = (1 << count) - 1

    def both(self, a: int, b: int) -> int:
        """And."""
        return a & b

    def invert(self, a: int) -> int:
        """Not."""
        return a ^ self.all


class Undecided(Exception):
    """The solver was given so many conflicts, and has not come to an end."""


class Graph:
    """A graph that grows, and the solver that knows as much of it as it has been asked about.

    Raises MissingTool where python-sat is not installed.
    """

    def __init__(self) -> None:
        try:
            from pysat.solvers import Solver
        except ModuleNotFoundError:
            raise MissingTool(
                "the Python package python-sat is not installed: pip install 'spikelock[netlist]'"
            ) from None
        self.false = FALSE
        self._gates: list[tuple[int, int] | None] = [None]
        self._known: dict[tuple[int, int], int] = {}
        self._encoded = {0}
        self._solver: Any = Solver(name=SOLVER)
        self._solver.add_clause([-1])  # the solver's variable n + 1 is node n

    def close(self) -> None:
        """Frees the solver's memory."""
        self._solver.delete()

    def variable(self) -> int:
        """A new free literal."""
        self._gates.append(None)
        return 2 * (len(self._gates) - 1)

    def both(self, a: int, b: int) -> int:
        """And."""
        if a > b:
            a, b = b, a
        if a == FALSE or a ^ b == 1:
            return FALSE
        if a in (TRUE, b):
            return b
        known = self._known.get((a, b))
        if known is None:
            self._gates.append((a, b))
            known = self._known[a, b] = 2 * (len(self._gates) - 1)
        return known

    def invert(self, a: int) -> int:
        """Not."""
        return a ^ 1

    def differ(self, a: int, b: int) -> int:
        """Exclusive or."""
        return self.both(self.both(a, b) ^ 1, self.both(a ^ 1, b ^ 1) ^ 1)

    def either(self, literals: Iterable[int]) -> int:
        """Or."""
        result = FALSE
        for literal in literals:
            result = self.both(result ^ 1, literal ^ 1) ^ 1
        return result

    def require(self, clause: Sequence[int]) -> None:
        """One of these literals is true, from now on."""
        self._encode(clause)
        self._solver.add_clause([_signed(literal) for literal in clause])

    def values(self, true: Sequence[int], wanted: Iterable[int], conflicts: int) -> list[int] | None:
        """Values, 0 or 1, of the literals that are wanted, with which those that are to be true are true.

        None where there are none. Raises Undecided where that is not known after so many conflicts.
        """
        wanted = list(wanted)
        self._encode([*true, *wanted])
        self._solver.conf_budget(conflicts)
        found = self._solver.solve_limited(assumptions=[_signed(literal) for literal in true])
        if found is None:
            raise Undecided
        if not found:
            return None
        model = self._solver.get_model()
        return [self._value(model, literal) for literal in wanted]

    @staticmethod
    def _value(model: Sequence[int], literal: int) -> int:
        node = literal >> 1
        return int(node < len(model) and model[node] > 0) ^ (literal & 1)  # one not in the model is free

    def _encode(self, literals: Iterable[int]) -> None:
        """Tells the solver of the gates below some literals."""
        waiting = [literal >> 1 for literal in literals]
        while waiting:
            node = waiting.pop()
            if node in self._encoded:
                continue
            self._encoded.add(node)
            if (gate := self._gates[node]) is not None:
                a, b, y = _signed(gate[0]), _signed(gate[1]), node + 1
                self._solver.add_clause([-y, a])
                self._solver.add_clause([-y, b])
                self._solver.add_clause([y, -a, -b])
                waiting += [gate[0] >> 1, gate[1] >> 1]


def _signed(literal: int) -> int:
    return -(literal >> 1) - 1 if literal & 1 else (literal >> 1) + 1
