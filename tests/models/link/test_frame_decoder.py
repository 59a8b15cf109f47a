"""The frame decoder: engine = reference = other people's COBS and CRC-32, for anything that a line may
give."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from cobs import cobs
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.link import frame_decoder as engine
from spikelock.models.link.frame_decoder import CORE, Params
from spikelock.models.link.protocol import Drop
from spikelock.testbenches.pytest_plugin import Size


def framed(body: bytes) -> bytes:
    """A frame, by the packages cobs and zlib."""
    encoded: bytes = cobs.encode(body + zlib.crc32(body).to_bytes(4, "little"))
    return encoded + b"\0"


BODIES = st.one_of(
    st.binary(min_size=1, max_size=30),
    st.lists(st.sampled_from([0, 0, 1, 255]), min_size=1, max_size=254).map(bytes),
    st.integers(247, 253).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    st.integers(247, 253).map(lambda n: bytes([1]) * n),
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Frames that are whole, cut off, flipped, with bytes put in, lost or doubled; zeros, and rubbish."""
    line = b""
    for _ in range(draw(st.integers(1, 6))):
        part = bytearray(framed(draw(BODIES)))
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            at = draw(st.integers(0, len(part) - 1)) if part else 0
            match draw(st.sampled_from(["cut", "flip", "zero", "byte", "lose", "double", "rubbish", "code"])):
                case "cut":
                    del part[at:]
                case "flip" if part:
                    part[at] ^= 1 << draw(st.integers(0, 7))
                case "zero":
                    part.insert(at, 0)
                case "byte":
                    part.insert(at, draw(st.integers(1, 255)))
                case "lose" if part:
                    del part[at]
                case "double" if part:
                    part.insert(at, part[at])
                case "code":  # a full block and nothing: the other way to end a block of 254
                    part[-1:] = b"\1\0"
                case _:
                    part += draw(st.binary(max_size=20))
        line += part
    return line


def by_packages(params: Params, line: bytes) -> tuple[list[bytes], int]:
    """The bodies, and how many frames are dropped, by the packages cobs and zlib."""
    bodies, dropped = [], 0
    for frame in line.split(b"\0")[:-1]:
        if not frame:
            continue
        try:
            data = cobs.decode(frame)
        except cobs.DecodeError:
            dropped += 1
            continue
        body, crc = data[:-4], data[-4:]
        if params.shortest <= len(body) <= params.longest and zlib.crc32(body).to_bytes(4, "little") == crc:
            bodies.append(body)
        else:
            dropped += 1
    return bodies, dropped


def compare_all(line: bytes, params: Params) -> None:
    """Reference, engine and packages agree on a line."""
    inputs = {"input": CORE.inputs(params)["input"].records(np.frombuffer(line, np.uint8))}
    _, expected = run_reference(CORE, params, Configuration(), inputs)
    actual = engine.run(params, Configuration(), inputs)
    assert {name: r.tolist() for name, r in actual.items()} == {n: r.tolist() for n, r in expected.items()}
    bodies, dropped = by_packages(params, line)
    assert bytes(actual["output"]["data"].tolist()) == b"".join(bodies)
    ends = np.flatnonzero(actual["output"]["last"]) + 1
    assert ends.tolist() == np.cumsum([len(body) for body in bodies]).tolist()
    assert len(actual["dropped"]) == dropped


def test_whatever_a_line_gives(size: Size) -> None:
    @settings(max_examples=size.pick(400, 100_000))
    @given(lines(), st.sampled_from([Params(), Params(), Params(1, 9)]))
    def check(line: bytes, params: Params) -> None:
        compare_all(line, params)

    check()


def reasons(line: bytes, params: Params | None = None) -> list[Drop]:
    """Why frames of a line are dropped."""
    params = params or Params()
    compare_all(line, params)
    inputs = {"input": CORE.inputs(params)["input"].records(np.frombuffer(line, np.uint8))}
    return [Drop(reason) for reason in engine.run(params, Configuration(), inputs)["dropped"]["reason"]]


def test_each_reason() -> None:
    body = bytes(range(1, 9))
    whole = framed(body)
    assert reasons(whole) == []
    assert reasons(b"\0\0\0" + whole + b"\0\0") == []
    assert reasons(whole[:-3] + b"\0") == [Drop.WRONG_CODE]
    assert reasons(framed(body[:2])) == [Drop.TOO_SHORT]
    assert reasons(b"\1\0") == [Drop.TOO_SHORT]
    assert reasons(framed(bytes(251))) == [Drop.TOO_LONG]
    assert reasons(framed(body).replace(b"\3", b"\4")) == [Drop.WRONG_CRC]
    assert reasons(framed(bytes(251))[:-2] + b"\x09\0") == [Drop.TOO_LONG]
    swapped = cobs.encode(body + zlib.crc32(body).to_bytes(4, "big")) + b"\0"
    assert reasons(swapped) == [Drop.WRONG_CRC]


def full_block() -> bytes:
    """A frame of one block of 254 bytes."""
    random = np.random.default_rng(0)
    while True:
        frame = framed(random.integers(1, 256, 250).astype(np.uint8).tobytes())
        if frame[0] == 0xFF:
            return frame


def test_a_full_block_stands_for_no_zero() -> None:
    frame = full_block()
    assert reasons(frame) == []
    assert reasons(frame[:-1] + b"\1\0") == []
    assert reasons(frame[:-1] + b"\1\1\0") == [Drop.TOO_LONG]
    assert reasons(frame[:-1] + b"\2\3\0") == [Drop.TOO_LONG]


def test_a_broken_engine_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = engine.decode
    monkeypatch.setattr(engine, "decode", lambda frame: (right(frame)[0], 0))
    with pytest.raises(AssertionError):
        test_each_reason()
