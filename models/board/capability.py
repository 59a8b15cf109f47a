"""The capability record (rule 6 of `docs/link.md`): what a board says it is."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass

from spikelock.models.errors import BadInput
from spikelock.models.fabric import chain
from spikelock.models.plain_data import from_plain, to_plain

from .description import BoardParams
from .registers import CHAIN_REGISTERS, REGISTERS

VERSION = 1
"""Of the record."""

LONGEST = 4096
"""Bytes of a record, at most, before and after compression."""


@dataclass(frozen=True)
class Capability:
    """What a host learns of a board before anything else.

    version: of the record. board: its sizes. registers: `register_hash` of its register maps. build: what
    the bitstream was made from, for people.
    """

    version: int
    board: BoardParams
    registers: str
    build: str


def capability(board: BoardParams, build: str) -> Capability:
    """The record of a board that is built now."""
    return Capability(VERSION, board, register_hash(board), build)


def register_hash(board: BoardParams) -> str:
    """A hash of addresses, names, formats and reset values of all registers."""
    rows = [
        (start + address, name, register.q.width, register.q.fraction, register.q.signed, register.reset)
        for start, registers in ((0, REGISTERS), (CHAIN_REGISTERS, chain.registers(board.chain)))
        for address, (name, register) in enumerate(registers.items())
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def encode(record: Capability) -> bytes:
    """The record as a board holds it."""
    return zlib.compress(json.dumps(to_plain(record), separators=(",", ":")).encode(), 9)


def is_whole(data: bytes) -> bool:
    """Whether the record ends within these bytes, or is none."""
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(data, LONGEST)
    except zlib.error:
        return True
    return unpacker.eof


def decode(data: bytes) -> Capability:
    """Inverse of `encode`; zeros behind it are ignored.

    Raises BadInput for what is no such record, for one of another version, and for a board whose registers
    are not those that this program knows.
    """
    try:
        unpacker = zlib.decompressobj()
        plain = json.loads(unpacker.decompress(data, LONGEST))
        version = plain["version"]
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"the board's capability record cannot be read: {error}; build its top again"
        ) from error
    if version != VERSION:
        raise BadInput(
            f"the board's capability record has version {version}; this spikelock reads version {VERSION}: "
            "build the board's top with this spikelock"
        )
    record: Capability = from_plain(Capability, plain, "capability record")
    if record.registers != (known := register_hash(record.board)):
        raise BadInput(
            f"the board's register map has the hash {record.registers}; this spikelock knows {known}: build "
            "the board's top with this spikelock"
        )
    return record
