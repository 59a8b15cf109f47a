"""The Wishbone register bank: engine = reference."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.bus.wishbone import CORE, Params
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.bus import wishbone as engine
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Register
from spikelock.testbenches import strategies

NARROW = Params(
    tuple((name, Register(unsigned(width), 1, "")) for name, width in (("a", 16), ("b", 3), ("c", 9))),
    read_only=("b",),
    data_width=16,
    address_width=4,
)


@given(st.data(), st.sampled_from([Params(address_width=6), Params(data_width=64, address_width=7), NARROW]))
def test_engine_equals_reference(data: st.DataObject, params: Params) -> None:
    inputs = {"request": data.draw(strategies.records(CORE.inputs(params)["request"]))}
    _, expected = run_reference(CORE, params, Configuration(), inputs)
    actual = engine.run(params, Configuration(), inputs)
    assert np.array_equal(actual["response"], expected["response"])


def test_a_read_gives_what_was_written_and_an_error_gives_nothing() -> None:
    rows = [(1, 0, 0x1234, 3), (0, 1, 0, 0), (1, 0, 0xFF56, 1), (0, 0, 0, 0), (1, 2, 7, 3), (0, 2, 0, 0)]
    rows += [(0, 6, 0, 3), (1, 15, 9, 3)]
    inputs = {"request": CORE.inputs(NARROW)["request"].from_tuples(rows)}
    _, outputs = run_reference(CORE, NARROW, Configuration(), inputs)
    expected = [(0, 0), (0x1234, 0), (0, 0), (0x1256, 0), (0, 1), (1, 0), (0, 1), (0, 1)]
    assert outputs["response"].tolist() == expected
