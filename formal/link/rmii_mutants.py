"""Broken RMII cores that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

RMII = "link.rmii"
BUFFER = "packet_buffer"

HIGH_DI_BIT_FIRST = Mutant(
    "di-bits are received highest first",
    RMII,
    "bits.eq(Cat(bits[2:], data))",
    "bits.eq(Cat(data, bits[:-2]))",
)
DELIMITER_LOST = Mutant(
    "the delimiter is a byte of the preamble", RMII, "bits.eq(FRAME_DELIMITER)", "bits.eq(PREAMBLE)"
)
ENDS_WHEN_CARRIER_FADES = Mutant(
    "a frame ends when CRS_DV falls in any di-bit", RMII, "m.If(place[0] & ~carrier)", "m.If(~carrier)"
)
ERROR_IGNORED = Mutant(
    "RX_ER in a frame is ignored",
    RMII,
    "m.d.sync += place.eq(place + 1)\n                with m.If(error):",
    "m.d.sync += place.eq(place + 1)\n                with m.If(0):",
)
TOO_LONG_PASSES = Mutant(
    "a frame that is too long is kept where it finds room",
    RMII,
    "m.d.sync += too_long.eq(1)",
    "m.d.sync += too_long.eq(0)",
)
LAST_TOO_LATE = Mutant(
    "the last byte of a frame is not its last",
    RMII,
    "buffer.beat.last.eq(ends)",
    "buffer.beat.last.eq(ends & (count != 3))",
)
CUT_SILENTLY = Mutant(
    "packets that are too long are sent as they are",
    RMII,
    "buffer.beat.last.eq(at_end)",
    "buffer.beat.last.eq(self.input.payload.last)",
)
LEAVES_TOO_EARLY = Mutant(
    "bytes leave a buffer before their packet is whole", BUFFER, "fetched != begun", "fetched != written"
)
ONE_PLACE = Mutant("all bytes are stored in one place", BUFFER, "write.addr.eq(written)", "write.addr.eq(0)")
