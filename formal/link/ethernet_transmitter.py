"""Proofs of `link.ethernet_transmitter`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC

from spikelock.models.link.ethernet_transmitter import Params
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

CORE = "link.ethernet_transmitter"
PADDED = 3


def frames(m: Module, core: Any, inside: Inside) -> None:
    """Each packet leaves unchanged, then its padding, then its check; nothing else does, or waits."""
    taken = core.input.valid & core.input.ready
    leaves = core.output.valid & core.output.ready
    count = Signal(range(PADDED + 1))  # bytes before the check that have left
    ended = Signal()  # the packet's last byte was taken
    checked = Signal(2)  # bytes of the check that have left
    in_check = ended & (count == PADDED)
    m.submodules.check = check = CRC32_ISO_HDLC().create()
    m.d.comb += [check.data.eq(core.output.payload.data), check.valid.eq(leaves & ~in_check)]
    with m.If(leaves):
        with m.If(count != PADDED):
            m.d.sync += count.eq(count + 1)
        with m.If(taken & core.input.payload.last):
            m.d.sync += ended.eq(1)
        with m.If(in_check):
            m.d.sync += checked.eq(checked + 1)
            with m.If(checked == 3):
                m.d.comb += check.start.eq(1)
                m.d.sync += [ended.eq(0), count.eq(0)]

    data, last = core.output.payload.data, core.output.payload.last
    claim(m, "a byte leaves as it came, in its cycle", data == core.input.payload.data, when=taken)
    claim(m, "a byte is taken exactly when it leaves", taken == leaves, when=~ended)
    claim(m, "nothing is taken until the frame has ended", ~core.input.ready, when=ended)
    claim(m, "the rest leaves without waiting", core.output.valid, when=ended)
    claim(m, "padding is zeros", data == 0, when=ended & ~in_check)
    claim(m, "the check is that of all before it", data == check.crc.word_select(checked, 8), when=in_check)
    end = in_check & (checked == 3)
    claim(m, "a frame ends with the fourth byte of its check", last == end, when=leaves)

    register = Value.cast(inside.register("crc.crc_reg"))
    helper(m, "the register is that of the bytes that have left", register[::-1] == ~check.crc)
    helper(m, "the state is that of the frame: pass", inside.in_state("PASS") == ~ended)
    helper(m, "the state is that of the frame: check", inside.in_state("CHECK") == in_check)
    helper(m, "bytes are counted", inside.register("count") == count)
    helper(m, "bytes of the check are counted", inside.register("at") == checked)
    helper(m, "no byte of a check before it", in_check | (checked == 0))
    cover(m, "a frame ends", leaves & last)
    cover(m, "padding is stalled", ended & ~in_check & ~core.output.ready)


PROOFS = (
    Proof(
        core=CORE,
        name="frames",
        says=f"Every packet leaves unchanged, is padded to {PADDED} bytes, and ends with its CRC-32; nothing "
        "else leaves, and nothing waits but for the input or a stall. What a CRC-32 is, Amaranth's library "
        "says on both sides; the bench compares it with zlib's.",
        params=Params(PADDED),
        properties=frames,
        mutants=(
            Mutant(
                "padding is not checked",
                CORE,
                "[self.output.valid.eq(1), crc.valid.eq(leaves)]",
                "self.output.valid.eq(1)",
            ),
            Mutant("a byte too few", CORE, "count >= padded - 1", "count >= padded - 2"),
            Mutant("high byte first", CORE, "word_select(at, 8)", "word_select(~at, 8)"),
            Mutant(
                "bytes are checked in a stall",
                CORE,
                "crc.valid.eq(leaves),\n",
                "crc.valid.eq(self.output.valid),\n",
            ),
            Mutant(
                "a byte is taken while the check leaves",
                CORE,
                "last = at == 3\n",
                "last = at == 3\n                m.d.comb += self.input.ready.eq(1)\n",
            ),
        ),
        depth=12,
        bit_level=True,
    ),
)
