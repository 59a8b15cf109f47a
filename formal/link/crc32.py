"""CRC-32 once more, bit by bit, for the proofs of the frame encoder and decoder."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal, Value

ALL = 0xFFFFFFFF
"""The register of a CRC-32 before the first byte."""


def crc32_after(m: Module, register: Any, byte: Any) -> Signal:
    """The register of a CRC-32 after one more byte: shifted right eight times, a bit of the byte each."""
    state = register
    for bit in range(8):
        shifted = Signal(32, name=f"crc_shifted_{bit}")
        feedback = state[0] ^ Value.cast(byte)[bit]
        m.d.comb += shifted.eq((state >> 1) ^ (Const(0xEDB88320, 32) & feedback.replicate(32)))
        state = shifted
    return state
