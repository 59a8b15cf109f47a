"""Program files: what is saved comes back, and anything else is refused."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.models.network.program import Program
from spikelock.models.network.program_file import MAGIC, START, is_program, load_program, save_program


@pytest.fixture
def saved(program: Program, tmp_path: Path) -> Path:
    path = tmp_path / "p.spikelock"
    save_program(replace(program, about={"source": "a test", "range": [0.5, 1]}), path)
    return path


def test_what_is_saved_comes_back(program: Program, saved: Path) -> None:
    loaded = load_program(saved)
    assert loaded.params == program.params
    assert (loaded.inputs, loaded.output) == (program.inputs, program.output)
    assert loaded.about == {"source": "a test", "range": [0.5, 1]}
    for before, after in zip(program.populations, loaded.populations, strict=True):
        assert before.name == after.name
        assert before.configuration.registers == after.configuration.registers
        for name, records in before.configuration.memories.items():
            np.testing.assert_array_equal(records, after.configuration.memories[name])


def test_same_program_same_bytes(program: Program, saved: Path, tmp_path: Path) -> None:
    save_program(load_program(saved), tmp_path / "q.spikelock")
    assert (tmp_path / "q.spikelock").read_bytes() == saved.read_bytes()
    assert is_program(saved)


def refused(path: Path, *words: str) -> None:
    with pytest.raises(BadInput) as error:
        load_program(path)
    message = str(error.value)
    assert error.value.exit_code == 2
    assert message.isprintable()
    for word in (path.name, *words):
        assert word in message


def test_every_flipped_bit_is_found(saved: Path) -> None:
    whole = saved.read_bytes()
    for at in [*range(START.size), *range(START.size, len(whole), 7), *range(len(whole) - 32, len(whole))]:
        for bit in (0, 7):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << bit
            saved.write_bytes(damaged)
            refused(saved)
    damaged = bytearray(whole)
    damaged[-40] ^= 1
    saved.write_bytes(damaged)
    refused(saved, "checksum fails")


def test_truncated_at_any_length(saved: Path) -> None:
    whole = saved.read_bytes()
    for length in [*range(START.size + 1), *range(START.size, len(whole), 50), len(whole) - 1]:
        saved.write_bytes(whole[:length])
        refused(saved, *(["truncated"] if length else []))
    saved.write_bytes(whole + b"\0")
    refused(saved, "behind its end")


def test_missing_foreign_and_other_version(saved: Path, tmp_path: Path) -> None:
    refused(tmp_path / "none.spikelock", "No such file")
    refused(tmp_path, "directory")
    (tmp_path / "x.spikelock").write_bytes(b"PK" + bytes(200))
    refused(tmp_path / "x.spikelock", "not a program file")
    content = bytearray(saved.read_bytes())
    struct.pack_into("<I", content, len(MAGIC), 1)
    saved.write_bytes(content)
    refused(saved, "has version 1", "reads version 3", "compile the network again")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda header: header.pop("inputs"), "malformed"),
        (lambda header: header.update(output="nobody"), "population names"),
        (lambda header: header["populations"][0]["params"].pop("axons"), "missing or unknown"),
        (lambda header: header["populations"][0].update(core="neurons.lif"), "is no tile; fabric.tile and"),
        (lambda header: header["populations"][0]["params"]["neuron"].update(rounding="up"), "is none of"),
        (lambda header: header["populations"][0]["params"]["neuron"].update(width=100), "1 … 64 bits"),
        (lambda header: header["populations"][0]["memories"].update(bias=10**9), "malformed"),
        (lambda header: header["populations"][1]["memories"].update(bias=1), "belong to no memory"),
        (lambda header: header["populations"][0]["memories"].update(cache=1), "memories"),
        (lambda header: header["populations"][0]["registers"].update(gain=1 << 40), "does not fit"),
        (lambda header: header.update(populations=3), "malformed"),
    ],
)
def test_content_that_breaks_a_rule_behind_a_right_checksum(saved: Path, change: object, words: str) -> None:
    content = saved.read_bytes()
    magic, version, _, header_bytes = START.unpack_from(content)
    header = json.loads(content[START.size : START.size + header_bytes])
    assert callable(change)
    change(header)
    text = json.dumps(header).encode()
    body = text + content[START.size + header_bytes : -32]
    body = START.pack(magic, version, START.size + len(body) + 32, len(text)) + body
    saved.write_bytes(body + hashlib.sha256(body).digest())
    refused(saved, words)


def test_what_cannot_be_written_leaves_nothing(program: Program, tmp_path: Path) -> None:
    for about in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises(BadInput, match="JSON"):
            save_program(replace(program, about=about), tmp_path / "p.spikelock")
    with pytest.raises(
        BadInput, match=r"cannot write .*No such file or directory; a file in an existing folder"
    ):
        save_program(program, tmp_path / "no" / "p.spikelock")
    assert list(tmp_path.iterdir()) == []
