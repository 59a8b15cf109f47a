"""Proofs of `link.frame_encoder`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.link.frame_encoder import Params

from ..proof import Proof
from .frame_encoder_crc import crc
from .frame_encoder_mutants import (
    CRC_BYTES_SWAPPED,
    CRC_OF_TWO_BODIES,
    CRC_WITHOUT_LAST_BYTE,
    ENCODER,
)

PROOFS = (
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
