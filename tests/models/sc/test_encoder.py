"""`sc.encoder` without a simulator: the published encoder, engine against reference, quantisers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import encoder as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.lfsr import LFSRS
from spikelock.models.sc.encoder import CORE, Params
from spikelock.models.sc.quantise import bipolar, unipolar


@st.composite
def uses(draw: st.DrawFn) -> tuple[Params, dict[str, int], list[tuple[int, ...]]]:
    """Parameters, and registers and transactions for them."""
    width, lanes = draw(st.integers(1, 62)), draw(st.integers(1, 5))

    def each(most: int) -> tuple[int, ...]:
        return tuple(draw(st.lists(st.integers(0, most), min_size=lanes, max_size=lanes)))

    params = Params(width, draw(st.booleans()), each(width - 1), each(6), held=draw(st.booleans()))
    value = st.integers(params.value.minimum, params.value.maximum)
    row = st.tuples(st.integers(0, (1 << width) - 1), *[value] * (0 if params.held else lanes))
    held = {name: draw(value) for name in CORE.registers(params)}
    return params, held, draw(st.lists(row, max_size=30))


@settings(deadline=None, max_examples=100)
@given(uses())
def test_engine_equals_reference(use: tuple[Params, dict[str, int], list[tuple[int, ...]]]) -> None:
    params, held, rows = use
    inputs = {"input": CORE.inputs(params)["input"].from_tuples(rows)}
    configuration = CORE.configuration(params, held)
    _, expected = run_reference(CORE, params, configuration, inputs)
    assert np.array_equal(engine.run(params, configuration, inputs)["output"], expected["output"])


@pytest.mark.parametrize("x", [0, 1, 2, 777, 32768, 65535])
def test_the_published_encoder_over_its_whole_period(x: int) -> None:
    """bit = (LFSR < x), so of 65,535 bits max(x − 1, 0) are ones: the state is never 0."""
    numbers = LFSRS["fibonacci16_left"].states(0xACE1, 65_535)
    bits = engine.encode(Params(), 0, numbers, np.full(65_535, x))
    state, published = 0xACE1, []
    for _ in range(65_535):
        published.append(state < x)
        state = (state << 1 & 0xFFFF) | ((state >> 15 ^ state >> 13 ^ state >> 12 ^ state >> 10) & 1)
    assert bits.tolist() == published
    assert bits.sum() == max(x - 1, 0)


def test_full_scale_is_always_one_and_zero_never() -> None:
    numbers = np.arange(16)
    unipolar_lane, bipolar_lane = Params(4), Params(4, bipolar=True)
    assert engine.encode(unipolar_lane, 0, numbers, np.full(16, 16)).all()
    assert not engine.encode(unipolar_lane, 0, numbers, np.full(16, 0)).any()
    assert engine.encode(bipolar_lane, 0, numbers, np.full(16, 8)).all()
    assert not engine.encode(bipolar_lane, 0, numbers, np.full(16, -8)).any()
    assert engine.encode(bipolar_lane, 0, numbers, np.full(16, 0)).sum() == 8


def test_both_published_quantisers() -> None:
    p = [0.0, 0.5, 1.0, 1 / 3]
    assert unipolar(p, 16).tolist() == [0, 32768, 65536, 21845]
    assert unipolar(p, 16, "truncate").tolist() == [0, 32767, 65535, 21845]
    assert bipolar([-1.0, 0.0, 1.0, 0.25], 4).tolist() == [-8, 0, 8, 2]


@pytest.mark.parametrize(
    ("value", "says"),
    [(1.5, "a probability of 1.5: it must be 0 … 1"), (-0.1, "of -0.1"), (float("nan"), "of nan")],
)
def test_values_outside_are_refused(value: float, says: str) -> None:
    with pytest.raises(RangeError, match=says):
        unipolar([0.5, value], 16)
    with pytest.raises(RangeError, match=r"a bipolar value of -1\.5: it must be -1 … 1"):
        bipolar(-1.5, 16)
    with pytest.raises(BadInput, match="there are nearest and truncate"):
        unipolar(0.5, 16, "round")  # type: ignore[arg-type]  # what a caller without types may give


@pytest.mark.parametrize("given", ["a half", [[0.5], [0.5, 1.0]], None, 1j], ids=str)
def test_what_is_no_number_is_refused(given: Any) -> None:
    with pytest.raises(BadInput, match="a probability of "):
        unipolar(given, 16)


@pytest.mark.parametrize("width", [0, -1, 54])
def test_widths_that_floats_do_not_have_are_refused(width: int) -> None:
    with pytest.raises(RangeError, match=f"width = {width}: values are quantised to 1 … 53 bits"):
        unipolar(0.5, width)


@pytest.mark.parametrize("width", [1, 16, 53])
def test_both_quantisers_reach_their_ends_exactly(width: int) -> None:
    assert unipolar([0.0, 1.0], width).tolist() == [0, 1 << width]
    assert unipolar([0.0, 1.0], width, "truncate").tolist() == [0, (1 << width) - 1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"width": 63}, "width = 63: numbers have 1 … 62 bits"),
        ({"rotations": (0, 1)}, "2 rotations and 1 delays: one of each"),
        ({"rotations": (), "delays": ()}, "0 rotations"),
        ({"rotations": (16,)}, "rotation 16: a number of 16 bits turns by 0 … 15"),
        ({"delays": (-1,)}, "delay -1: 0 … 1024"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        Params(**arguments)
