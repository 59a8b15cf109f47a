"""What a proof is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Module

from spikelock.models.core import twin
from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant

from .properties import Inside


@dataclass(frozen=True)
class Proof:
    """Properties of a core that hold in every cycle of every run from reset.

    core, name: together they name the proof, as in "neurons.lif: step".
    says: what is proved, in a sentence or two, with widths and sizes where they are fixed.
    params: the core's Params; the proof holds for these.
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
