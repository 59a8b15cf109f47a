"""Broken frame encoders that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

ENCODER = "link.frame_encoder"

CRC_WITHOUT_LAST_BYTE = Mutant(
    "the CRC leaves out a body's last byte",
    ENCODER,
    "m.d.comb += [crc.valid.eq(1), put",
    "m.d.comb += [crc.valid.eq(~self.input.payload.last), put",
)
CRC_BYTES_SWAPPED = Mutant(
    "the CRC is sent high byte first", ENCODER, "word_select(crc_byte, 8)", "word_select(~crc_byte, 8)"
)
CRC_OF_TWO_BODIES = Mutant(
    "the CRC goes on from one body to the next", ENCODER, "crc.start.eq(restart)", "crc.start.eq(0)"
)
CODE_OFF_BY_ONE = Mutant(
    "a code is one too small",
    ENCODER,
    "Mux(close, position - code_at, byte)",
    "Mux(close, position - code_at - 1, byte)",
)
ZERO_INSIDE = Mutant(
    "a second 0 is not replaced",
    ENCODER,
    "close.eq(put & (byte == 0))",
    "close.eq(put & (byte == 0) & (code_at == 0))",
)
FRAME_OVERWRITTEN = Mutant(
    "a body is taken while both frames before it wait",
    ENCODER,
    "eq(buffer.room & ~self.dropped.valid)",
    "eq(~self.dropped.valid)",
)
ONE_BYTE_TOO_MANY = Mutant(
    "a body may have one byte more than the longest",
    ENCODER,
    "longer = position > params.longest",
    "longer = position > params.longest + 1",
)
DROPPED_SILENTLY = Mutant(
    "a second body is dropped silently",
    ENCODER,
    "eq(buffer.room & ~self.dropped.valid)",
    "eq(buffer.room)",
)
