"""The UART: engine = reference for any characters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.link import uart as engine
from spikelock.models.errors import BadInput
from spikelock.models.link.uart import CORE, Event, Params
from spikelock.models.ports import Records

BIT = st.sampled_from([0, 0, 1])
CHARACTERS = st.lists(st.tuples(st.integers(0, 255), BIT, BIT), max_size=40)
PORT = CORE.inputs(Params())["input"]


@given(CHARACTERS.map(PORT.from_tuples))
def test_engine_equals_reference(characters: Records) -> None:
    inputs = {"input": characters}
    _, expected = run_reference(CORE, Params(), Configuration(), inputs)
    assert np.array_equal(engine.run(Params(), Configuration(), inputs)["output"], expected["output"])


def test_each_event() -> None:
    rows = [(1, 0, 0), (2, 1, 0), (3, 0, 1), (4, 0, 1), (5, 1, 1), (6, 0, 0), (7, 0, 1)]
    actual = engine.run(Params(), Configuration(), {"input": PORT.from_tuples(rows)})["output"]
    byte, framing, overrun = Event.BYTE, Event.FRAMING_ERROR, Event.OVERRUN
    assert actual.tolist() == [(byte, 1), (framing, 0), (overrun, 0), (framing, 0), (byte, 3), (byte, 6)]


def test_a_broken_engine_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = engine.run

    def reversed_order(*arguments: object) -> dict[str, Records]:
        return {"output": right(*arguments)["output"][::-1]}  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "run", reversed_order)
    with pytest.raises(AssertionError):
        test_each_event()


def test_bits_that_are_too_short_are_refused() -> None:
    with pytest.raises(BadInput, match=r"3000001 baud at a clock of 12000000 Hz.* 1 … 3000000 baud"):
        Params(baud=3_000_001)
    with pytest.raises(BadInput, match="0 baud"):
        Params(baud=0)
    with pytest.raises(BadInput, match="a transmitter at 1000000 baud"):
        Params(transmitter_baud=1_000_000)
