"""A core that was broken on purpose: what a proof, a bench or a co-simulation must find."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from spikelock.models.errors import BadInput


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

    def component(self, core: str, params: Any, **options: Any) -> Any:
        """The broken component. Raises BadInput where `old` does not occur exactly once."""
        return component_of([self], core, params, **options)


HARDWARE = "spikelock.rtl."


def component_of(mutants: Sequence[Mutant], core: str, params: Any, **options: Any) -> Any:
    """The component with all of these edits at once. Raises as `Mutant.component`.

    A module is edited before those that import it: raises BadInput for another order.
    """
    with _reimported(mutants):
        return importlib.import_module(HARDWARE + core).component(params, **options)


@contextmanager
def _reimported(mutants: Sequence[Mutant]) -> Iterator[None]:
    """Inside, all hardware modules are imported afresh, the edited ones from their edited sources."""
    kept = {name: module for name, module in sys.modules.items() if name.startswith(HARDWARE)}
    try:
        for name in kept:
            del sys.modules[name]
        for name in dict.fromkeys(mutant.module for mutant in mutants):
            _import_edited(HARDWARE + name, [mutant for mutant in mutants if mutant.module == name])
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith(HARDWARE)]:
            del sys.modules[name]
        for name, module in kept.items():
            sys.modules[name] = module
            parent, _, leaf = name.rpartition(".")
            setattr(sys.modules[parent], leaf, module)


def _import_edited(name: str, mutants: Sequence[Mutant]) -> ModuleType:
    if name in sys.modules:
        raise BadInput(f"{name} is imported by a module that is edited before it: name it first")
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise BadInput(f"mutant {mutants[0].breaks!r} edits {name}, which does not exist")
    source = Path(spec.origin).read_text()
    for mutant in mutants:
        if (times := source.count(mutant.old)) != 1:
            raise BadInput(
                f"mutant {mutant.breaks!r}: in {name} its text must occur once, and occurs {times} times:"
                f"\n{mutant.old}"
            )
        source = source.replace(mutant.old, mutant.new)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    exec(compile(source, spec.origin, "exec"), module.__dict__)
    return module
