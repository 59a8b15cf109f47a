"""What a proof is, and what a deliberately broken core is that it must catch."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from amaranth.hdl import Module

from spikelock.models.core import twin
from spikelock.models.errors import BadInput

from .properties import Inside


@dataclass(frozen=True)
class Mutant:
    """A deliberately broken core: its source with one edit.

    breaks: what the edit breaks, for people.
    module: the edited module of `spikelock.rtl`, such as "neurons.lif"; it may be one that the core imports.
    old, new: the text to replace, which occurs in that module exactly once, and its replacement.
    """

    breaks: str
    module: str
    old: str
    new: str

    def component(self, core: str, params: Any) -> Any:
        """The broken component. Raises BadInput where `old` does not occur exactly once."""
        with _reimported(self):
            return twin(core, "rtl").component(params)


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
    mutants: broken cores, in each of which this proof must find a counterexample.
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
    except ModuleNotFoundError:
        raise BadInput(f"{core} has no proofs: there is no formal/{core.replace('.', '/')}.py") from None
    return found


HARDWARE = "spikelock.rtl."


@contextmanager
def _reimported(mutant: Mutant) -> Iterator[None]:
    """Inside, all hardware modules are imported afresh, the edited one from its edited source."""
    kept = {name: module for name, module in sys.modules.items() if name.startswith(HARDWARE)}
    try:
        for name in kept:
            del sys.modules[name]
        _import_edited(mutant)
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith(HARDWARE)]:
            del sys.modules[name]
        for name, module in kept.items():
            sys.modules[name] = module
            parent, _, leaf = name.rpartition(".")
            setattr(sys.modules[parent], leaf, module)


def _import_edited(mutant: Mutant) -> ModuleType:
    name = HARDWARE + mutant.module
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise BadInput(f"mutant {mutant.breaks!r} edits {name}, which does not exist")
    source = Path(spec.origin).read_text()
    if (times := source.count(mutant.old)) != 1:
        raise BadInput(
            f"mutant {mutant.breaks!r}: in {name} its text must occur once, and occurs {times} times:"
            f"\n{mutant.old}"
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    exec(compile(source.replace(mutant.old, mutant.new), spec.origin, "exec"), module.__dict__)
    return module
