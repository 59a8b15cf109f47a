"""What a proof is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Module

from spikelock.models.core import all_cores, find_cores, has_twin, twin
from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant

from .properties import Inside


@dataclass(frozen=True)
class Proof:
    """Properties of a core, or of a part of a board, that hold in every cycle of every run from reset.

    core, name: together they name the proof, as in "neurons.lif: step".
    says: what is proved, in a sentence or two, with widths and sizes where they are fixed.
    params: the core's Params, or what else its module's `component` takes; the proof holds for these.
    properties: adds the claims to a module that holds the core; see `properties.py`.
    depth: how many cycles from reset are searched for covers and, in a broken core, for a counterexample.
    induction: the proof is by k-induction with this k, and unbounded. None: it is bounded to `depth` cycles.
    free_products: replaces every product by any number, the same one wherever the same operands are
        multiplied. What holds for any number holds for the true product; and multipliers are hard for a
        solver.
    bit_level: lets the solver see single bits and registers only, no words and no memories: much faster for
        state machines with memories, much slower for products.
    mutants: broken cores, for each of which a claim other than a helper invariant must fail.
    timeout: seconds after which the result is `unknown`.
    """

    core: str
    name: str
    says: str
    params: Any
    properties: Callable[[Module, Any, Inside], None]
    mutants: tuple[Mutant, ...]
    depth: int = 8
    induction: int | None = 1
    free_products: bool = False
    bit_level: bool = False
    timeout: int = 300

    def __str__(self) -> str:
        return f"{self.core}: {self.name}"

    def component(self) -> Any:
        """The core as it is."""
        return twin(self.core, "rtl").component(self.params)


def proofs(core: str) -> tuple[Proof, ...]:
    """All proofs of a core: `PROOFS` in its module of this folder. Raises BadInput where it has none."""
    try:
        found: tuple[Proof, ...] = twin(core, "formal").PROOFS
    except ModuleNotFoundError as error:
        if not f"spikelock.formal.{core}".startswith(str(error.name)):
            raise  # it exists, and imports something that does not
        raise BadInput(f"{core} has no proofs: there is no formal/{core.replace('.', '/')}.py") from None
    return found


BOARD = "board"


def subjects(names: Sequence[str] = ()) -> list[str]:
    """Names of what has proofs: cores, and the parts of a board, which are hardware and no cores.

    names: cores, families, parts of a board such as `board.packets`, or `board` for all of them; without any,
    everything. Raises BadInput for an unknown one.
    """
    parts = list(_parts_of_board())
    if not names:
        return [core.name for core in all_cores() if has_twin(core.name, "formal")] + parts
    unknown = [name for name in names if name.partition(".")[0] == BOARD and name not in (BOARD, *parts)]
    if unknown:
        raise BadInput(f"no part of a board is called {unknown[0]!r}; there are: {', '.join(parts)}")
    cores = [name for name in names if name.partition(".")[0] != BOARD]
    chosen = [part for part in parts if part in names or BOARD in names]
    return [core.name for core in find_cores(cores)] + chosen


def is_part_of_board(subject: str) -> bool:
    """It has a component of its own, but neither specification nor bench."""
    return subject.partition(".")[0] == BOARD


def _parts_of_board() -> Iterator[str]:
    package = importlib.import_module(f"spikelock.formal.{BOARD}")
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        if hasattr(importlib.import_module(f"{package.__name__}.{name}"), "PROOFS"):
            yield f"{BOARD}.{name}"
