"""The bridge without a simulator: engine = reference, its flits, and parameters that cannot work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.chiplet.bridge import CORE, Kind, Params, Role, flit
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.chiplet import bridge as engine
from spikelock.models.errors import BadInput
from spikelock.models.ports import Records, to_bits
from spikelock.testbenches import strategies

PARAMS = Params(Role.JOINED, width=8)
PORTS = CORE.inputs(PARAMS)


@given(st.fixed_dictionaries({name: strategies.records(port) for name, port in PORTS.items()}))
def test_engine_equals_reference(inputs: Mapping[str, Records]) -> None:
    _, expected = run_reference(CORE, PARAMS, Configuration(), inputs)
    actual = engine.run(PARAMS, Configuration(), inputs)
    for name in ("at_east", "at_west"):
        assert np.array_equal(expected[name], actual[name])


@given(st.fixed_dictionaries({name: strategies.records(port) for name, port in PORTS.items()}))
def test_what_arrives_is_what_was_sent(inputs: Mapping[str, Records]) -> None:
    _, arrived = run_reference(CORE, PARAMS, Configuration(), inputs)
    assert np.array_equal(arrived["at_east"], inputs["to_east"])
    assert np.array_equal(arrived["at_west"], inputs["to_west"])


def test_a_body_is_packed_as_the_rules_say() -> None:
    port = flit(Params(width=16, number_bits=5))
    (bits,) = to_bits(port, port.records([Kind.DATA], [1], [3], [17], [30], [0xBEEF]))
    assert bits == 2 | 1 << 2 | 3 << 3 | 17 << 8 | 30 << 13 | 0xBEEF << 18


def test_flits_have_the_beats_the_page_says() -> None:
    """Of 8 bits over 8 lanes: two of the scrambler, four of the body, four of the CRC."""
    assert Params(width=8, number_bits=5).framing.beats == 2 + 4 + 4
    assert Params(width=64, number_bits=5, lanes=32).framing.beats == 1 + 3 + 1
    assert Params(width=8, number_bits=5, lanes=1, scrambled=False).framing.beats == 32 + 32


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"window": 3}, "window = 3: a power of two"),
        ({"depth": 0}, "depth = 0: a power of two"),
        ({"window": 16, "number_bits": 4}, "of 16 numbers at most half"),
        ({"window": 8, "depth": 8, "number_bits": 4}, "must be fewer than the numbers, 16"),
        ({"width": 65}, "width = 65"),
        ({"lanes": 5}, "lanes = 5"),
        ({"silence": 1}, "silence = 1: at least 2"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Params(**wrong)
