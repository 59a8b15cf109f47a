"""The AXI4-Lite register bank: engine = reference, and what the reference refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spikelock.models.bus.axi4_lite import CORE, Params
from spikelock.models.bus.register_space import Answer
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.bus import axi4_lite as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Records, Register
from spikelock.testbenches import strategies

PARAMS = Params(address_width=6)


def streams(
    writes: list[tuple[int, int, int]], reads: list[int], params: Params = PARAMS
) -> dict[str, Records]:
    ports = CORE.inputs(params)
    return {
        "aw": ports["aw"].from_tuples([(address,) for address, _, _ in writes]),
        "w": ports["w"].from_tuples([(data, strobe) for _, data, strobe in writes]),
        "ar": ports["ar"].from_tuples([(address,) for address in reads]),
    }


def run(writes: list[tuple[int, int, int]], reads: list[int]) -> dict[str, list[Any]]:
    _, outputs = run_reference(CORE, PARAMS, Configuration(), streams(writes, reads))
    return {name: records.tolist() for name, records in outputs.items()}


@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    ports = CORE.inputs(PARAMS)
    aw, w, ar = (data.draw(strategies.records(ports[name]), name) for name in ("aw", "w", "ar"))
    count = min(len(aw), len(w))
    inputs = {"aw": aw[:count], "w": w[:count], "ar": ar}
    try:
        _, expected = run_reference(CORE, PARAMS, Configuration(), inputs)
    except BadInput:
        assume(False)
    actual = engine.run(PARAMS, Configuration(), inputs)
    assert all(np.array_equal(actual[name], records) for name, records in expected.items())


def test_a_write_takes_the_bytes_of_its_strobes_and_drops_bits_above_the_register() -> None:
    done = run([(0, 0xAABBCCDD, 0b0010), (4, 0xFFFFFFFF, 0b1111), (8, 0, 0)], [])
    assert done["b"] == [(Answer.DONE,)] * 3
    assert done["written"] == [(0, 0xCCD4), (1, 0x1F), (2, 0xC0FFEE11)], "−300 is 0xFED4"


def test_errors_are_told_apart_and_change_nothing() -> None:
    done = run([(16, 0, 0b1111), (20, 0, 0b1111)], [16, 20, 3])
    assert done == {
        "b": [(Answer.READ_ONLY,), (Answer.NO_REGISTER,)],
        "r": [(0x5A17E5, Answer.DONE), (0, Answer.NO_REGISTER), (0xFED4, Answer.DONE)],
        "written": [],
    }


def test_streams_whose_outcome_depends_on_an_order_that_is_not_specified_are_refused() -> None:
    with pytest.raises(BadInput, match="register period is written and read"):
        run([(4, 1, 0b1111)], [4])


def test_params_that_no_bus_can_have_are_refused() -> None:
    wide = (("wide", Register(unsigned(33), 0, "")),)
    with pytest.raises(RangeError, match="wide has 33 bits; a word of this bus has 32"):
        Params(wide, read_only=())
    with pytest.raises(RangeError, match="one of 32, 64 bits"):
        Params(data_width=16)
    with pytest.raises(RangeError, match=r"5 … 64 bits reach all registers"):
        Params(address_width=4)
    with pytest.raises(BadInput, match="no register 'identifer'"):
        Params(read_only=("identifer",))
    with pytest.raises(BadInput, match="one or more"):
        Params(())
