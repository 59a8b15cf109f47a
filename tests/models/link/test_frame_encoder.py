"""The frame encoder: engine = reference, and both make what other people's COBS and CRC-32 make."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.link import frame_encoder as engine
from spikelock.models.errors import BadInput
from spikelock.models.link.frame_encoder import CORE, Params, crc32, frame, stuff
from spikelock.models.ports import Records

BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from([0, 0, 1, 255]), max_size=260).map(bytes),
    st.integers(245, 256).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    st.integers(245, 256).map(lambda n: bytes([1]) * n),
).filter(len)


def packets(bodies: list[bytes]) -> Records:
    """Some bodies as a stream of packets."""
    rows = [(byte, int(at == len(body))) for body in bodies for at, byte in enumerate(body, 1)]
    return CORE.inputs(Params())["input"].from_tuples(rows)


def test_the_check_value() -> None:
    assert crc32(b"123456789") == 0xCBF43926


@given(st.binary(max_size=60))
def test_the_crc_is_that_of_zlib(data: bytes) -> None:
    assert crc32(data) == zlib.crc32(data)


# The examples of the paper's figure and text, each with its phantom zero.
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", "01"),
        ("00", "01 01"),
        ("00 00", "01 01 01"),
        ("11 22 00 33", "03 11 22 02 33"),
        ("11 22 33 44", "05 11 22 33 44"),
        ("11 00 00 00", "02 11 01 01 01"),
        ("45 00 00 2c 4c 79 00 00 40 06 4f 37", "02 45 01 04 2c 4c 79 01 05 40 06 4f 37"),
    ],
)
def test_examples(data: str, expected: str) -> None:
    assert bytes(stuff(bytes.fromhex(data))) == bytes.fromhex(expected)


@given(st.one_of(BODIES, st.integers(250, 1100).map(lambda n: bytes([7]) * n)))
def test_stuffing_is_that_of_the_package_cobs(data: bytes) -> None:
    assert bytes(stuff(data)) == cobs.encode(data)


@pytest.mark.parametrize("length", [253, 254, 255, 508, 509])
def test_stuffing_at_the_ends_of_full_blocks(length: int) -> None:
    assert bytes(stuff(bytes([7]) * length)) == cobs.encode(bytes([7]) * length)


@given(st.lists(BODIES, max_size=8), st.booleans(), st.sampled_from([Params(), Params(1, 7)]))
def test_engine_equals_reference(bodies: list[bytes], cut: bool, params: Params) -> None:
    inputs = {"input": packets(bodies)[: -1 if cut else None]}
    _, expected = run_reference(CORE, params, Configuration(), inputs)
    actual = engine.run(params, Configuration(), inputs)
    assert {name: r.tolist() for name, r in actual.items()} == {n: r.tolist() for n, r in expected.items()}


@given(st.lists(BODIES, min_size=1, max_size=8))
def test_frames_are_those_of_cobs_and_zlib(bodies: list[bytes]) -> None:
    _, found = run_reference(CORE, Params(), Configuration(), {"input": packets(bodies)})
    good = [body for body in bodies if 3 <= len(body) <= 250]
    expected = b"".join(cobs.encode(b + zlib.crc32(b).to_bytes(4, "little")) + b"\0" for b in good)
    assert bytes(found["output"]["data"].tolist()) == expected
    dropped = [min(len(body), 251) for body in bodies if not 3 <= len(body) <= 250]
    assert found["dropped"]["length"].tolist() == dropped


def test_a_frame_adds_six_bytes() -> None:
    for length in (3, 100, 250):
        assert len(frame(bytes([9]) * length)) == length + 6


def test_a_broken_engine_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = engine.frames

    def swapped(bodies: list[bytes]) -> np.ndarray:
        line = right(bodies)
        line[-2:-1] ^= 1
        return line

    monkeypatch.setattr(engine, "frames", swapped)
    with pytest.raises(AssertionError):
        test_engine_equals_reference()


@pytest.mark.parametrize(("shortest", "longest"), [(0, 5), (6, 5), (3, 251)])
def test_lengths_that_cannot_be_are_refused(shortest: int, longest: int) -> None:
    with pytest.raises(BadInput, match=f"bodies of {shortest} … {longest} bytes"):
        Params(shortest, longest)
