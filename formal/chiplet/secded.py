"""Proofs of `chiplet.secded`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module

from spikelock.models.chiplet.secded import Params
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, claim, cover

SECDED = "chiplet.secded"

EVEN_COLUMNS = Mutant(
    "columns of even weight: two errors look like one",
    SECDED,
    "number.bit_count() % 2 and number.bit_count() > 1",
    "number.bit_count() > 1",
)
TWO_ARE_ONE = Mutant(
    "two errors are not reported",
    SECDED,
    "self.uncorrectable.eq(syndrome.any() & ~self.corrected)",
    "self.uncorrectable.eq(0)",
)
LEFT_WRONG = Mutant(
    "what is wrong is left as it came",
    SECDED,
    "self.output.eq(self.data ^ wrong)",
    "self.output.eq(self.data)",
)
CHECK_UNSEEN = Mutant(
    "a wrong check bit is not reported",
    SECDED,
    "wrong.any() | of_check.any()",
    "wrong.any()",
)


def one_and_two(m: Module, core: Any, inside: Inside) -> None:
    """What comes of no, one, and two errors, wherever they are."""
    sent, came, valid = core.input.payload, core.output.payload, core.output.valid
    wires: Any = Cat(sent.flips, sent.check_flips)
    errors = sum(wires, start=0)
    claim(
        m,
        "without an error it comes as it was sent",
        (came.data == sent.data) & ~came.corrected & ~came.uncorrectable,
        when=valid & (errors == 0),
    )
    claim(
        m,
        "one error, wherever it is, is put right and reported",
        (came.data == sent.data) & came.corrected & ~came.uncorrectable,
        when=valid & (errors == 1),
    )
    claim(
        m,
        "two errors, wherever they are, are reported, and nothing is changed",
        ~came.corrected & came.uncorrectable & (came.data == sent.data ^ sent.flips),
        when=valid & (errors == 2),
    )
    claim(m, "a word comes when one is sent", valid == core.input.valid)
    claim(m, "a word passes when it is taken", core.input.ready == core.output.ready)
    cover(m, "the highest bit is put right", valid & (errors == 1) & sent.flips[-1] & came.corrected)
    cover(m, "the highest check bit is wrong", valid & (errors == 1) & sent.check_flips[-1] & came.corrected)
    cover(m, "three errors are taken for one", valid & (errors == 3) & came.corrected)


PROOFS = tuple(
    Proof(
        SECDED,
        f"of {width}",
        "All single errors are put right and all double errors are reported, of data and check bits, for all "
        f"words of {width} bits.",
        Params(width),
        one_and_two,
        mutants,
        depth=1,
        bit_level=True,
    )
    for width, mutants in ((8, (EVEN_COLUMNS, TWO_ARE_ONE, LEFT_WRONG, CHECK_UNSEEN)), (32, (EVEN_COLUMNS,)))
)
