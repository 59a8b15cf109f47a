"""Framing without a simulator: engine against reference, published CRCs, and wrong seeds of the scrambler."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.chiplet.framing import CORE, Drop, Params, flit
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.chiplet import framing as engine
from spikelock.models.engine.chiplet.scrambler import stream
from spikelock.models.errors import BadInput
from spikelock.testbenches import strategies

SOME = (
    Params(24, 8),
    Params(12, 4, scrambled=False, protected=False),
    Params(20, 32, protected=False),
    Params(7, 1),
    Params(33, 16, scrambled=False),
)


@settings(deadline=None, max_examples=60)
@given(st.data(), st.sampled_from(SOME))
def test_engine_equals_reference(data: st.DataObject, params: Params) -> None:
    flits = data.draw(strategies.records(CORE.inputs(params)["input"]))
    _, expected = run_reference(CORE, params, Configuration(), {"input": flits})
    actual = engine.run(params, Configuration(), {"input": flits})
    for name in ("output", "dropped"):
        assert np.array_equal(actual[name], expected[name])


def test_the_crc_is_the_published_one() -> None:
    """The check value of CRC-32/ISO-HDLC, of `123456789`."""
    digits = int.from_bytes(b"123456789", "little")
    beats = flit(Params(72, 8, scrambled=False, protected=False), digits)
    assert bytes(beats) == b"123456789" + (0xCBF43926).to_bytes(4, "little")
    bits = np.array([[digits >> n & 1 for n in range(72)]], np.uint8)
    assert bytes(np.packbits(engine.crc32(bits), bitorder="little")) == (0xCBF43926).to_bytes(4, "little")


@pytest.mark.parametrize("size", [24, 40])
def test_no_wrong_seed_goes_unseen(size: int) -> None:
    """A seed that is wrong adds another stream to body and CRC: none of these is a flit."""
    endless = stream(0, 65_535 + size + 32)
    added = np.lib.stride_tricks.sliding_window_view(endless, size + 32)[:65_535]
    nothing = engine.crc32(np.zeros((1, size), np.uint8))
    assert ((engine.crc32(added[:, :size]) ^ nothing) != added[:, size:]).any(axis=1).all()


def test_why_a_flit_is_dropped() -> None:
    params = Params(24, 8)
    port = CORE.inputs(params)["input"]
    wrong = {"body": 1, "flips": 0, "check_flips": 0, "frame_flip": 0, "at": 3, "length": 1}
    rows = [
        wrong,
        wrong | {"flips": 4},  # one bit of a beat
        wrong | {"flips": 5},  # two
        wrong | {"frame_flip": 1},  # another begins here
        wrong,
    ]
    sent = port.records(**{name: [row[name] for row in rows] for name in port.fields})
    _, out = run_reference(CORE, params, Configuration(), {"input": sent})
    assert out["output"].tolist() == [(1, 0), (1, 1), (1, 0)]
    assert out["dropped"]["reason"].tolist() == [Drop.UNCORRECTABLE, Drop.CUT_SHORT, Drop.CUT_SHORT]


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(BadInput, match="lanes = 3: 1, 2, 4, 8, 16, 32 are possible"):
        Params(lanes=3)
    with pytest.raises(BadInput, match="width = 0"):
        Params(width=0)
