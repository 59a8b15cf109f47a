"""Frames on an RMII line: engine = reference for any packets; each reason to drop one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.link import rmii as engine
from spikelock.models.errors import BadInput
from spikelock.models.link.rmii import CORE, Drop, Fault, Params
from spikelock.models.ports import Records

RARELY = st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1])
OFTEN = st.sampled_from([0, 1])
FAULTS = st.sampled_from([Fault.NONE] * 12 + list(Fault))
BYTES = st.lists(st.tuples(st.integers(0, 255), RARELY, FAULTS, OFTEN), max_size=80)
PARAMETERS = st.builds(Params, st.integers(1, 9), st.none() | st.integers(1, 12))
PORT = CORE.inputs(Params())["input"]


@given(PARAMETERS, BYTES.map(PORT.from_tuples))
def test_engine_equals_reference(params: Params, sent: Records) -> None:
    inputs = {"input": sent}
    _, expected = run_reference(CORE, params, Configuration(), inputs)
    actual = engine.run(params, Configuration(), inputs)
    assert all(np.array_equal(expected[name], actual[name]) for name in expected)


def packet(data: bytes, fault: Fault = Fault.NONE, held: int = 0, at: int = 0) -> list[tuple[int, ...]]:
    """A packet, with a fault of the byte `at`."""
    return [(byte, n == len(data) - 1, fault if n == at else Fault.NONE, held) for n, byte in enumerate(data)]


def came_of(params: Params, *packets: list[tuple[int, ...]]) -> tuple[list[bytes], list[int]]:
    """The frames that leave, and why others do not."""
    inputs = {"input": PORT.from_tuples([row for one in packets for row in one])}
    outputs = engine.run(params, Configuration(), inputs)
    output = outputs["output"]
    parts = np.split(output["data"].astype(np.uint8), np.flatnonzero(output["last"]) + 1)
    assert not len(parts[-1])
    return [part.tobytes() for part in parts[:-1]], outputs["dropped"]["reason"].tolist()


def test_each_reason() -> None:
    params = Params(4, transmitter_longest=6)
    assert came_of(params, packet(b"abc"), packet(b"de", Fault.ERROR)) == ([b"abc"], [Drop.DAMAGED])
    assert came_of(params, packet(b"abcd"), packet(b"abcde")) == ([b"abcd"], [Drop.TOO_LONG])
    assert came_of(params, packet(b"abcde", Fault.ERROR)) == ([], [Drop.DAMAGED])
    assert came_of(params, packet(b"abcdefgh")) == ([b"gh"], [Drop.TOO_LONG])


@pytest.mark.parametrize("fault", Fault)
def test_faults_of_the_preamble_and_of_a_byte(fault: Fault) -> None:
    no_frame, spoils = {Fault.SPOILT, Fault.LOST, Fault.CUT}, {Fault.ERROR, Fault.CUT}
    first, second = packet(b"abc", fault), packet(b"abc", fault, at=1)
    whole: list[Fault] = [one for one in Fault if one not in no_frame | spoils]
    assert came_of(Params(4), first)[0] == ([b"abc"] if fault in whole else [])
    assert came_of(Params(4), first)[1] == ([Drop.DAMAGED] if fault is Fault.ERROR else [])
    assert came_of(Params(4), second)[0] == ([] if fault in spoils else [b"abc"])
    assert came_of(Params(4), second)[1] == ([Drop.DAMAGED] if fault in spoils else [])


def test_room() -> None:
    """Room for 8 bytes, and for one more once a frame waits."""
    held = [packet(b"abc", held=1), packet(b"defg", held=1), packet(b"hij", held=1), packet(b"kl", held=1)]
    whole = [b"abc", b"defg", b"kl", b"m"]
    assert came_of(Params(4), *held, packet(b"m")) == (whole, [Drop.NO_ROOM])
    assert came_of(Params(4), *held) == ([], [Drop.NO_ROOM])


def test_a_broken_engine_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_without_room", lambda *arguments: [])
    with pytest.raises(AssertionError):
        test_room()


def test_lengths_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInput, match=r"up to 1519 bytes: 1 … 1518"):
        Params(1519)
    with pytest.raises(BadInput, match="up to 0 bytes"):
        Params(16, transmitter_longest=0)
