"""The probe: engine = reference for any samples and settings, and what a capture holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.compare import compare
from spikelock.models.core import run_reference
from spikelock.models.engine.monitor import probe as engine
from spikelock.models.errors import RangeError
from spikelock.models.monitor.probe import CORE, Params, Trigger
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

SIZES = [Params(3, 4, 3), Params(1, 2, 1), Params(64, 8, 2), Params(5, 16, 8)]


@given(st.data(), st.sampled_from(SIZES), st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=80))
def test_engine_equals_reference(
    data: st.DataObject, params: Params, samples: list[tuple[int, bool]]
) -> None:
    values = data.draw(strategies.registers(CORE, params), "registers")
    values = {**values, "arm": int(data.draw(st.integers(0, 9), "arm") > 0)}
    top = (1 << params.width) - 1
    records = CORE.inputs(params)["input"].from_tuples([(s & top, int(e)) for s, e in samples])
    configuration = CORE.configuration(params, values)
    _, wanted = run_reference(CORE, params, configuration, {"input": records})
    assert not compare(wanted, engine.run(params, configuration, {"input": records})).divergences


def capture(samples: list[int], external: int | None = None, depth: int = 4, **registers: int) -> Records:
    params = Params(8, depth, 4)
    flags = [int(n == external) for n in range(len(samples))]
    records = CORE.inputs(params)["input"].records(samples, flags)
    configuration = CORE.configuration(params, {"arm": 1, **registers})
    return run_reference(CORE, params, configuration, {"input": records})[1]["output"]


@pytest.mark.parametrize(
    ("registers", "external", "expected"),
    [
        ({"mask": 0xFF, "value": 5, "after": 1}, None, [(3, 0, 0), (4, 0, 0), (5, 1, 0), (6, 0, 1)]),
        ({"mask": 0x0F, "value": 0xF1}, None, [(1, 1, 1)]),
        (
            {"trigger": Trigger.EDGE, "mask": 8, "after": 0},
            None,
            [(5, 0, 0), (6, 0, 0), (7, 0, 0), (8, 1, 1)],
        ),
        (
            {"trigger": Trigger.RATE, "mask": 1, "value": 1, "occurrences": 2},
            None,
            [(1, 0, 0), (2, 0, 0), (3, 1, 1)],
        ),
        ({"trigger": Trigger.RATE, "mask": 1, "value": 1, "occurrences": 2, "window": 2}, None, []),
        ({"trigger": Trigger.EXTERNAL, "after": 3}, 3, [(4, 1, 0), (5, 0, 0), (6, 0, 0), (7, 0, 1)]),
        ({"mask": 0xFF, "value": 8, "after": 1}, None, []),
        ({"arm": 0}, None, []),
    ],
)
def test_a_capture(
    registers: Mapping[str, int], external: int | None, expected: list[tuple[int, ...]]
) -> None:
    assert capture([1, 2, 3, 4, 5, 6, 7, 8], external, **registers).tolist() == expected


def test_captures_follow_each_other() -> None:
    found = capture([1, 2, 3, 4, 1, 2, 3, 4], mask=3, value=2, after=1, repeat=1)
    assert found.tolist() == [(1, 0, 0), (2, 1, 0), (3, 0, 1), (4, 0, 0), (1, 0, 0), (2, 1, 0), (3, 0, 1)]


@pytest.mark.parametrize(
    "sizes", [{"width": 0}, {"width": 65}, {"depth": 3}, {"depth": 1}, {"rate_width": 0}, {"rate_width": 33}]
)
def test_sizes_that_cannot_be_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(RangeError, match=r"(width|depth) = "):
        Params(**sizes)
