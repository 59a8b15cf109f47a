"""Hardware with edits in its source: one, or several at once."""

from __future__ import annotations

from typing import Any

import pytest
from amaranth.back import rtlil

from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant, component_of

MERGE = ("Merge", 2)
LAST_FIRST = Mutant("order", "board.packets", "reversed(list(enumerate(inputs)))", "list(enumerate(inputs))")
ALWAYS = Mutant("ready", "board.packets", "each.ready.eq(self.output.ready)", "each.ready.eq(1)")
BANK = Mutant("bank", "registers", "value.eq(request.payload.data)", "value.eq(0)")
ABOVE = Mutant("above", "board.register_access", "NO_SUCH_ADDRESS)", "DONE)")


def text(*mutants: Mutant) -> str:
    return str(rtlil.convert(component_of(mutants, "board.packets", MERGE), emit_src=False))


def test_several_edits_of_one_module() -> None:
    assert len({text(), text(LAST_FIRST), text(ALWAYS), text(LAST_FIRST, ALWAYS)}) == 4
    assert text(LAST_FIRST) == str(
        rtlil.convert(LAST_FIRST.component("board.packets", MERGE), emit_src=False)
    )


def test_a_text_that_does_not_occur_once_is_refused() -> None:
    with pytest.raises(BadInput, match="its text must occur once, and occurs 0 times"):
        text(ALWAYS, ALWAYS)


def test_a_module_is_edited_before_those_that_import_it() -> None:
    params: tuple[dict[str, Any], tuple[()]] = ({}, ())
    component_of([BANK, ABOVE], "board.register_access", params)
    with pytest.raises(BadInput, match=r"spikelock\.rtl\.registers is imported by a module"):
        component_of([ABOVE, BANK], "board.register_access", params)
