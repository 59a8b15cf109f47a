"""Proofs of `link.frame_decoder`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.link.frame_decoder import Params

from ..proof import Proof
from .frame_decoder_mutants import (
    BEFORE_THE_CHECK,
    CRC_DELIVERED,
    CRC_OF_ENCODED,
    CRC_UNCHECKED,
    CUT_OFF_ACCEPTED,
    DECODER,
    DROPPED_SILENTLY,
    EMPTY_IS_ERROR,
    TOO_LONG_FORGOTTEN,
)
from .frame_decoder_properties import bodies, crc, passing

PROOFS = (
    Proof(
        DECODER,
        "bodies",
        "Nothing leaves before its frame has been checked. What leaves is, byte for byte, the bodies of the "
        "frames that pass, in order and without their CRC; each other frame leaves the one reason that is "
        "true, and an empty frame none. It is never closed on all its ports for more than a cycle. For "
        "bodies of 1 … 2 bytes, and whichever frames the CRC lets pass: that is for the other proofs.",
        Params(1, 2),
        bodies,
        (
            CRC_UNCHECKED,
            CRC_DELIVERED,
            BEFORE_THE_CHECK,
            EMPTY_IS_ERROR,
            CUT_OFF_ACCEPTED,
            DROPPED_SILENTLY,
            TOO_LONG_FORGOTTEN,
        ),
        depth=20,
        bit_level=True,
    ),
    Proof(
        DECODER,
        "crc",
        "The CRC is that of the bytes that a frame's blocks make up: for bodies of 1 … 2 bytes.",
        Params(1, 2),
        crc,
        (CRC_OF_ENCODED,),
        depth=10,
        bit_level=True,
    ),
    Proof(
        DECODER,
        "passing",
        "A frame passes only where its bytes leave the residue 0xDEBB20E3 of the CRC-32, which bytes "
        "followed by their own CRC-32 leave; and that of the body 31 does pass: for bodies of 1 … 2 bytes.",
        Params(1, 2),
        passing,
        (CRC_UNCHECKED,),
        depth=10,
        bit_level=True,
    ),
)
