"""Proofs of `link.rmii`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.link.rmii import Params

from ..proof import Proof
from .rmii_mutants import (
    CUT_SILENTLY,
    DELIMITER_LOST,
    ENDS_WHEN_CARRIER_FADES,
    ERROR_IGNORED,
    HIGH_DI_BIT_FIRST,
    LEAVES_TOO_EARLY,
    ONE_PLACE,
    RMII,
    TOO_LONG_PASSES,
)
from .rmii_properties import LONGEST, line, received, receiver, sent

PROOFS = (
    Proof(
        RMII,
        "line",
        "A frame on the line is 31 di-bits 01, a di-bit 11, and the bytes of one packet, each its lowest "
        "bits first, without a pause; before the next one the line rests for 96 bit times at least.",
        Params(LONGEST),
        line,
        (DELIMITER_LOST,),
        depth=42,
        bit_level=True,
        timeout=600,
    ),
    Proof(
        RMII,
        "sent",
        "All bytes of all packets enter the transmitter's buffer, cut after 2 bytes, and leave it in order.",
        Params(LONGEST),
        sent,
        (CUT_SILENTLY,),
        depth=42,
        bit_level=True,
    ),
    Proof(
        RMII,
        "receiver",
        "Whatever the line does: each frame that has a byte is kept or dropped once, at its end, and is "
        "dropped if RX_ER was high in it, if it does not end with a byte, or if it is longer than 2 bytes; "
        "its bytes are those of the line, and its last one is marked.",
        Params(LONGEST, transmitter_longest=LONGEST + 1),
        receiver,
        (HIGH_DI_BIT_FIRST, ENDS_WHEN_CARRIER_FADES, ERROR_IGNORED, TOO_LONG_PASSES),
        depth=24,
        bit_level=True,
    ),
    Proof(
        RMII,
        "received",
        "Whatever the line does: what leaves the receiver are the bytes of the frames that are kept, in "
        "order; a frame is kept only if there was room for all of it, and it was not to be dropped.",
        Params(LONGEST),
        received,
        (LEAVES_TOO_EARLY, ONE_PLACE),
        depth=24,
        bit_level=True,
    ),
)
