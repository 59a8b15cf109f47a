"""Proofs of `link.frame_encoder`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.link.frame_encoder import Params

from ..proof import Proof
from .frame_encoder_crc import crc
from .frame_encoder_mutants import (
    CODE_OFF_BY_ONE,
    CRC_BYTES_SWAPPED,
    CRC_OF_TWO_BODIES,
    CRC_WITHOUT_LAST_BYTE,
    DROPPED_SILENTLY,
    ENCODER,
    FRAME_OVERWRITTEN,
    ZERO_INSIDE,
)
from .frame_encoder_properties import frames

SMALL = "for bodies of 1 … 2 bytes; a code of 0xFF, which needs 254 bytes, is for the bench"

PROOFS = (
    Proof(
        ENCODER,
        "frames",
        "What leaves is, byte for byte, the COBS of each body and of four bytes behind it, whatever these "
        "are, then a 0, in order; no other 0 leaves. A body that is too long leaves its length. It is "
        f"never closed on all its ports for more than 6 cycles: {SMALL}.",
        Params(1, 2),
        frames,
        (CODE_OFF_BY_ONE, ZERO_INSIDE, FRAME_OVERWRITTEN, DROPPED_SILENTLY),
        depth=24,
        bit_level=True,
    ),
    Proof(
        ENCODER,
        "crc",
        "What goes behind a body is its CRC-32, low byte first, whatever came before it: for bodies of "
        "1 … 2 bytes.",
        Params(1, 2),
        crc,
        (CRC_WITHOUT_LAST_BYTE, CRC_BYTES_SWAPPED, CRC_OF_TWO_BODIES),
        depth=16,
        bit_level=True,
    ),
)
