"""Broken frame decoders that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

DECODER = "link.frame_decoder"

CRC_UNCHECKED = Mutant("the CRC is not checked", DECODER, "m.Elif(~crc.match_detected)", "m.Elif(0)")
CRC_OF_ENCODED = Mutant(
    "the CRC leaves out zeros that codes stand for",
    DECODER,
    "crc.valid.eq(buffer.write)",
    "crc.valid.eq(buffer.write & (remaining != 0))",
)
CRC_DELIVERED = Mutant(
    "a byte of the CRC is delivered, too", DECODER, "decoded - CRC_BYTES - 1", "decoded - CRC_BYTES"
)
BEFORE_THE_CHECK = Mutant(
    "a body leaves at its last byte, before the check",
    DECODER,
    "buffer.last.eq(decoded - CRC_BYTES - 1),",
    "buffer.last.eq(decoded - CRC_BYTES - 1), "
    "buffer.commit.eq(yields & (remaining == 1) & (decoded == capacity - 1)),",
)
ZERO_AFTER_FULL_BLOCK = Mutant(
    "a full block stands for a 0, too", DECODER, "zero_due.eq(byte != 0xFF)", "zero_due.eq(1)"
)
BLOCK_TOO_SHORT = Mutant(
    "a block of 253 bytes stands for no 0", DECODER, "zero_due.eq(byte != 0xFF)", "zero_due.eq(byte < 0xFE)"
)
EMPTY_IS_ERROR = Mutant(
    "an empty frame is reported", DECODER, "self.dropped.valid.eq(begun)", "self.dropped.valid.eq(1)"
)
CUT_OFF_ACCEPTED = Mutant(
    "a code that points beyond the end is no error", DECODER, "m.Elif(remaining != 0)", "m.Elif(0)"
)
FRAME_OVERWRITTEN = Mutant(
    "a frame is taken while both bodies before it wait",
    DECODER,
    "eq(buffer.room & ~self.dropped.valid)",
    "eq(~self.dropped.valid)",
)
DROPPED_SILENTLY = Mutant(
    "a second frame is dropped silently", DECODER, "eq(buffer.room & ~self.dropped.valid)", "eq(buffer.room)"
)
TOO_LONG_FORGOTTEN = Mutant(
    "what is too long is cut", DECODER, "m.d.sync += too_long.eq(1)", "m.d.sync += too_long.eq(0)"
)
