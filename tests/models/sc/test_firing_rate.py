"""`sc.firing_rate` without a simulator: engine against reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import firing_rate as engine
from spikelock.models.errors import SpikelockError
from spikelock.models.fixed import Overflow
from spikelock.models.sc.firing_rate import CORE, Params


def both(params: Params, spikes: list[int], restarts: list[int]) -> tuple[list[int], list[int]]:
    """Rates of the reference and of the engine."""
    inputs = {"input": CORE.inputs(params)["input"].records(np.array(spikes, int), np.array(restarts, int))}
    configuration = CORE.configuration(params)
    _, expected = run_reference(CORE, params, configuration, inputs)
    got = engine.run(params, configuration, inputs)
    return expected["output"]["rate"].tolist(), got["output"]["rate"].tolist()


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    params = Params(
        data.draw(st.integers(1, 5)),
        data.draw(st.integers(1, 6)),
        data.draw(st.integers(1, (1 << 32) - 1)),
        data.draw(st.integers(1, 62)),
        data.draw(st.sampled_from([Overflow.WRAP, Overflow.SATURATE])),
    )
    count = data.draw(st.integers(0, 80))
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    restarts = random.random(count) < data.draw(st.sampled_from([0, 0.1]))
    expected, got = both(params, random.integers(0, 2, count).tolist(), restarts.astype(int).tolist())
    assert expected == got


def test_windows_and_restarts() -> None:
    """Two neurons, windows of two ticks. The second tick begins one; a mark on neuron 1 says nothing."""
    spikes = [1, 0, 1, 1, 1, 0, 0, 1, 0, 1]
    assert both(Params(2, 2, 10), spikes, [0] * 10) == ([20, 10, 10, 10],) * 2
    assert both(Params(2, 2, 10), spikes, [0, 0, 1, 0, 0, 1, 0, 0, 0, 0]) == ([20, 10, 0, 20],) * 2


def test_the_published_rate() -> None:
    """The low 32 bits of count · SCALE."""
    scale = 0x9000_0001
    expected, got = both(Params(1, 5, scale), [1, 1, 0, 1, 1], [0] * 5)
    assert expected == got == [4 * scale & 0xFFFF_FFFF]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"neurons": 0}, "neurons = 0: 1 … "),
        ({"window": 0}, "window = 0: 1 … "),
        ({"scale": 0}, "scale = 0: 1 … 4294967295"),
        ({"width": 63}, "width = 63: a rate has 1 … 62 bits"),
        ({"overflow": Overflow.TRAP}, "overflow = trap"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(SpikelockError, match=says):
        Params(**arguments)
