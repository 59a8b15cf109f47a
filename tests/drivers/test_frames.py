"""Frames against a decoder that is written from the rules alone, on streams that a fuzzer makes."""

from __future__ import annotations

import binascii
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.drivers import frames
from spikelock.drivers.frames import FrameReader, encode
from spikelock.drivers.loopback import Loopback
from spikelock.drivers.statistics import Statistics
from spikelock.drivers.transports.in_process import pair
from spikelock.models.errors import LinkError, MissingTool
from spikelock.models.link.protocol import LONGEST_BODY, SHORTEST_BODY
from spikelock.testbenches.pytest_plugin import Size


def decoded(encoded: bytes) -> bytes | None:
    """The body of one frame without its zero, by Cheshire and Baker's table 1: the other way to say it."""
    plain = bytearray()
    rest = list(encoded)
    while rest:
        code = rest.pop(0)
        if code - 1 > len(rest):
            return None
        plain += bytes(rest[: code - 1])
        del rest[: code - 1]
        if rest and code < 255:
            plain.append(0)
    body, crc = bytes(plain[:-4]), bytes(plain[-4:])
    whole = SHORTEST_BODY <= len(body) <= LONGEST_BODY and len(encoded) <= LONGEST_BODY + 5
    return body if whole and binascii.crc32(body).to_bytes(4, "little") == crc else None


def read(stream: bytes, cuts: list[int]) -> tuple[list[bytes], Statistics]:
    """What a FrameReader makes of a stream that arrives in pieces."""
    line, far_end = pair()
    statistics = Statistics()
    reader = FrameReader(line, statistics)
    bodies: list[bytes] = []
    at = 0
    for cut in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        far_end.write(memoryview(stream)[at:cut])
        at = max(at, cut)
        while reader.fill():
            while (body := reader.next()) is not None:
                bodies.append(body)
    return bodies, statistics


BODIES = st.binary(min_size=SHORTEST_BODY, max_size=LONGEST_BODY)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A frame, some of its bytes changed, taken out or put in."""
    frame = bytearray(encode(draw(BODIES)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(frame) - 1)))
        frame[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(frame)


PIECES = st.one_of(
    BODIES.map(encode),
    damaged(),
    st.binary(max_size=600),
    st.integers(250, 256).map(lambda size: b"\xff" + b"\1" * size + b"\0"),
)


def test_the_reader_takes_what_the_rules_take(size: Size) -> None:
    taken = 0

    @settings(max_examples=size.pick(300, 100_000))
    @given(st.lists(PIECES, max_size=6), st.lists(st.integers(0, 4000), max_size=4))
    def fuzz(pieces: list[bytes], cuts: list[int]) -> None:
        nonlocal taken
        stream = b"".join(pieces) + b"\0"
        bodies, statistics = read(stream, cuts)
        parts = [part for part in stream.split(b"\0") if part]
        assert bodies == [body for part in parts if (body := decoded(part)) is not None]
        dropped = statistics.not_frames + statistics.crc_errors
        assert (statistics.frames_received, dropped) == (len(bodies), len(parts) - len(bodies))
        assert statistics.bytes_received == len(stream)
        taken += len(bodies)

    fuzz()
    assert taken > 100, "no frame was whole"


def test_control_a_reader_that_checks_no_crc_is_found(monkeypatch: pytest.MonkeyPatch, size: Size) -> None:
    monkeypatch.setattr(frames, "crc32", lambda body: 0)
    with pytest.raises(AssertionError):
        test_the_reader_takes_what_the_rules_take(size)


@pytest.mark.parametrize("length", [SHORTEST_BODY, 4, 249, LONGEST_BODY])
def test_frames_have_one_byte_more_and_a_zero(length: int) -> None:
    for body in (bytes(length), b"\1" * length, random.Random(length).randbytes(length)):
        frame = encode(body)
        assert len(frame) == length + 4 + 2
        assert frame.index(0) == len(frame) - 1
        assert read(frame, [1, 2])[0] == [body]


def test_the_published_check_value() -> None:
    assert encode(b"123456789") == b"\x0e" + b"123456789" + (0xCBF43926).to_bytes(4, "little") + b"\0"


def test_any_whole_frames_do_no_harm(loopback: Loopback, size: Size) -> None:
    """Frames of all kinds, sessions and numbers, right by their CRC, at both ends; then the link works."""
    link, peer = loopback.connected("in-process")
    board = peer.transport

    @settings(max_examples=size.pick(100, 20_000))
    @given(
        st.lists(st.tuples(st.integers(0, 6), st.sampled_from([0, 1, 7]), st.binary(max_size=9))),
        st.booleans(),
    )
    def fuzz(bodies: list[tuple[int, int, bytes]], at_host: bool) -> None:
        for kind, session, rest in bodies:
            own = link.session if session == 1 else session
            body = bytes((kind, own)) + (rest or b"\0")
            (board if at_host else link.transport).write(memoryview(encode(body)))
        try:
            for _ in range(5):
                link.poll(0.01)
            link.flush()
        except LinkError:
            link.open()
        link.open()
        link.send(15, b"still there")
        assert link.receive(15, 5.0) == b"still there"

    fuzz()


def test_without_cobs_it_is_said_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "cobs", None)
    with pytest.raises(MissingTool, match=r"pip install 'spikelock\[hil\]'"):
        FrameReader(pair()[0], Statistics())
