"""Proofs of `link.rmii`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.link.rmii import Params

from ..proof import Proof
from .rmii_mutants import (
    CUT_SILENTLY,
    DELIMITER_LOST,
    LEAVES_TOO_EARLY,
    RMII,
)
from .rmii_properties import LONGEST, line, received, sent

PROOFS = (
    Proof(
        RMII,
        "line",
        "A frame on the line is 31 di-bits 01, a di-bit 11, and the bytes of one packet, each its lowest "
        "bits first, without a pause; before the next one the line rests for 96 bit times at least.",
        Params(LONGEST),
        line,
        (DELIMITER_LOST,),
        depth=54,
        bit_level=True,
    ),
    Proof(
        RMII,
        "sent",
        "All bytes of all packets enter the transmitter's buffer, cut after 2 bytes, and leave it in order.",
        Params(LONGEST),
        sent,
        (CUT_SILENTLY, LEAVES_TOO_EARLY),
        depth=54,
        bit_level=True,
    ),
    Proof(
        RMII,
        "received",
        "What leaves the receiver are the bytes of the frames that are kept, in order; a frame is kept only "
        "if there was room for all of it, and it was not to be dropped.",
        Params(LONGEST),
        received,
        (LEAVES_TOO_EARLY,),
        depth=54,
        bit_level=True,
    ),
)
