"""The UDP receiver: engine = reference for any frames; published frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.link import udp_receiver as engine
from spikelock.models.errors import BadInput
from spikelock.models.link.ethernet import Drop, Station
from spikelock.models.link.udp_receiver import CORE, Params, judged, ones_sum
from spikelock.testbenches.link.ethernet_frames import Peer, frames, packets

PARAMS = Params(longest=128)
PORT = CORE.inputs(PARAMS)["input"]
KINDS = list(frames(PARAMS.station, np.random.default_rng(0), PARAMS.longest))


@given(
    st.integers(0, 2**32), st.lists(st.sampled_from(KINDS), min_size=1, max_size=8), st.binary(max_size=80)
)
def test_engine_equals_reference(seed: int, kinds: list[str], rubbish: bytes) -> None:
    makers = frames(PARAMS.station, np.random.default_rng(seed), PARAMS.longest)
    many = [*(makers[kind]() for kind in kinds), rubbish + b"\0", makers["good udp"]()[:-1]]
    inputs = {"input": packets(PORT, many)[:-1]}
    _, expected = run_reference(CORE, PARAMS, Configuration(), inputs)
    actual = engine.run(PARAMS, Configuration(), inputs)
    assert all(np.array_equal(expected[name], actual[name]) for name in expected)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("runt", Drop.FRAME_LENGTH),
        ("short", Drop.FRAME_LENGTH),
        ("giant", Drop.FRAME_LENGTH),
        ("cut", Drop.FRAME_CHECK),
        ("wrong bit", Drop.FRAME_CHECK),
        ("another station", Drop.STATION),
        ("broadcast over ip", Drop.STATION),
        ("another protocol", Drop.PROTOCOL),
        ("not a request", Drop.PROTOCOL),
        ("tcp", Drop.PROTOCOL),
        ("echo reply", Drop.PROTOCOL),
        ("options", Drop.HEADER),
        ("version 6", Drop.HEADER),
        ("header checksum", Drop.HEADER),
        ("length beyond the frame", Drop.HEADER),
        ("length below the headers", Drop.HEADER),
        ("another address", Drop.ADDRESS),
        ("arp for another", Drop.ADDRESS),
        ("first fragment", Drop.FRAGMENT),
        ("later fragment", Drop.FRAGMENT),
        ("length of udp", Drop.LENGTH),
        ("checksum of udp", Drop.CHECKSUM),
        ("checksum of echo", Drop.CHECKSUM),
        ("another port", Drop.PORT),
    ],
)
def test_what_is_wrong_is_named(kind: str, reason: Drop) -> None:
    make = frames(PARAMS.station, np.random.default_rng(5), PARAMS.longest)[kind]
    for _ in range(20):
        assert judged(PARAMS, make()) == ([], [], [], [(reason,)])


def test_every_kind_of_bad_frame_is_listed_above() -> None:
    marks = test_what_is_wrong_is_named.pytestmark  # type: ignore[attr-defined]
    listed = {kind for kind, _ in marks[0].args[1]}
    assert listed == {kind for kind in KINDS if not kind.startswith("good")}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("good")])
def test_good_frames_are_answered(kind: str) -> None:
    make = frames(PARAMS.station, np.random.default_rng(5), PARAMS.longest)[kind]
    for _ in range(20):
        payload, replies, peer, dropped = judged(PARAMS, make())
        assert not dropped
        assert bool(payload) == bool(peer) == ("udp" in kind) != bool(replies)


def test_published_sums() -> None:
    """The words of RFC 1071, section 3, add up to ddf2; a header with its checksum to ffff."""
    assert ones_sum(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2
    assert ones_sum(bytes.fromhex("45000073000040004011b861c0a80001c0a800c7")) == 0xFFFF


def test_bytes_of_an_arp_reply() -> None:
    own = PARAMS.station
    peer = Peer(own, bytes.fromhex("020000000001"), bytes([192, 168, 1, 1]), 5)
    _, replies, _, _ = judged(PARAMS, peer.frame(0x0806, peer.arp(), b"\xff" * 6))
    assert bytes(byte for byte, _ in replies).hex() == (
        "020000000001025350494b4508060001080006040002025350494b45c0a80164020000000001c0a80101"
    )


@pytest.mark.parametrize(
    "wrong", [{"mac": 0xFFFFFFFFFFFF}, {"mac": 1 << 40}, {"address": 0}, {"address": 0xE0000001}, {"port": 0}]
)
def test_addresses_that_are_none_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BadInput, match=r"is one|works"):
        Station(**wrong)


def test_lengths_that_no_frame_has_are_refused() -> None:
    with pytest.raises(BadInput, match="64 … 1518 work"):
        Params(longest=1519)
