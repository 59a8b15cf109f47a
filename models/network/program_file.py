"""A `Program` in one file, suffix `.spikelock`.

    bytes      content
    8          magic: 89 53 50 4B 4C 0D 0A 1A  ("SPKL" between bytes that a text transfer would change)
    4          version, 3
    8          length of the whole file
    8          length of the header
    …          header: JSON in UTF-8, integers and names only: inputs, output, about, and for each population
               its name, its core, params and registers, and how many records each memory has
    …          the memories, in the order the core declares them, field after field: signed integers, each of
               1, 2, 4 or 8 bytes, the smallest that holds the field's format
    32         SHA-256 of everything before it

All numbers are little-endian. Nothing in the file is executed.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.models.core import Core
from spikelock.models.errors import BadInput
from spikelock.models.fabric import chain, tile
from spikelock.models.files import written_whole
from spikelock.models.fixed import Q
from spikelock.models.plain_data import from_plain, to_plain
from spikelock.models.ports import Records
from spikelock.models.sc import tile as sc_tile

from .program import Population, Program

SUFFIX = ".spikelock"
MAGIC = b"\x89SPKL\r\n\x1a"
VERSION = 3
START = struct.Struct("<8sIQQ")
DIGEST_BYTES = hashlib.sha256().digest_size


def save_program(program: Program, path: str | Path) -> None:
    """Writes the file, whole or not at all. The same program gives the same bytes.

    Raises BadInput where it cannot be written, or `about` is not JSON-able.
    """
    header = {
        "inputs": program.inputs,
        "output": program.output,
        "about": program.about,
        "populations": [_described(p) for p in program.populations],
    }
    try:
        text = json.dumps(header, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"program.about cannot be written as JSON: {error}; strings and finite numbers can"
        ) from error
    memories = b"".join(
        p.configuration.memories[memory][name].astype(_stored_dtype(q)).tobytes()
        for p in program.populations
        for memory, declared in chain.core_of(p.params).memories(p.params).items()
        for name, q in declared.layout.fields.items()
    )
    length = START.size + len(text) + len(memories) + DIGEST_BYTES
    content = START.pack(MAGIC, VERSION, length, len(text)) + text + memories
    with written_whole(path) as file:
        file.write(content + hashlib.sha256(content).digest())


def load_program(path: str | Path) -> Program:
    """Reads such a file.

    Raises BadInput where it is missing, truncated, no such file, of another version, or its checksum fails,
    and where its content breaks a rule of `Program`.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"cannot read {path}: {error.strerror}; 'spikelock compile' writes program files"
        ) from error
    if not content.startswith(MAGIC[: len(content)]) or not content:
        raise BadInput(f"{path} is not a program file; 'spikelock compile' writes them, with suffix {SUFFIX}")
    if len(content) < START.size:
        raise BadInput(
            f"{path} is truncated: {len(content)} bytes, not even its start of {START.size}; copy it again"
        )
    _, version, length, header_bytes = START.unpack_from(content)
    if version != VERSION:
        raise BadInput(
            f"{path} has version {version}; this spikelock reads version {VERSION}: compile the network again"
        )
    if len(content) != length:
        what = "is truncated" if len(content) < length else "has something behind its end"
        raise BadInput(f"{path} {what}: {len(content)} bytes instead of {length}; copy it again")
    if hashlib.sha256(content[:-DIGEST_BYTES]).digest() != content[-DIGEST_BYTES:]:
        raise BadInput(
            f"{path}: its checksum fails, so at least one bit has changed; copy or compile it again"
        )
    try:
        return _parsed(content[START.size : -DIGEST_BYTES], header_bytes)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{path} is malformed: {error!r}; 'spikelock compile' writes program files") from error


def is_program(path: str | Path) -> bool:
    """Whether the file begins like a program file."""
    with open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _described(population: Population) -> dict[str, Any]:
    return {
        "name": population.name,
        "core": chain.core_of(population.params).name,
        "params": to_plain(population.params),
        "registers": dict(population.configuration.registers),
        "memories": {name: len(records) for name, records in population.configuration.memories.items()},
    }


def _parsed(content: bytes, header_bytes: int) -> Program:
    header = json.loads(content[:header_bytes])
    at, populations = header_bytes, []
    for described in header["populations"]:
        core = _core(described["core"])
        params = _params(core, described["params"])
        layouts, memories = core.memories(params), dict[str, Records]()
        if described["memories"].keys() != layouts.keys():
            raise BadInput(f"memories {sorted(described['memories'])} instead of {sorted(layouts)}")
        for name, declared in layouts.items():
            count, columns = described["memories"][name], []
            for q in declared.layout.fields.values():
                dtype = _stored_dtype(q)
                columns.append(np.frombuffer(content, dtype, count, at).astype(np.int64))
                at += count * dtype.itemsize
            memories[name] = declared.layout.records(*columns)
        configuration = core.configuration(params, described["registers"], memories)
        populations.append(Population(described["name"], params, configuration))
    if at != len(content):
        raise BadInput(f"{len(content) - at} bytes belong to no memory")
    return Program(header["inputs"], tuple(populations), header["output"], header["about"])


def _core(name: str) -> Core:
    for core in (tile.CORE, sc_tile.CORE):
        if core.name == name:
            return core
    raise BadInput(f"core {name!r} is no tile; {tile.CORE.name} and {sc_tile.CORE.name} are")


def _params(core: Core, described: Mapping[str, Any]) -> chain.TileParams:
    params: chain.TileParams = from_plain(core.params, described)
    if to_plain(params) != described:
        raise BadInput("params: fields are missing or unknown; a program file has them all")
    return params


def _stored_dtype(q: Q) -> np.dtype[Any]:
    """The smallest signed type that holds every value of the format."""
    bits = q.width + (not q.signed)
    return np.dtype(f"<i{next(size for size in (1, 2, 4, 8) if bits <= 8 * size)}")
