"""The comparison: the first record that differs is found, and nothing compared is no pass."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.compare import Verdict, compare, first_divergence
from spikelock.models.errors import BadInput
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Layout, Records
from spikelock.testbenches import strategies

PORT = Layout({"spike": unsigned(1), "membrane": signed(3)})


def by_hand(expected: list[tuple[int, int]], actual: list[tuple[int, int]]) -> int | None:
    """Index of the first difference, one record at a time."""
    for index in range(max(len(expected), len(actual))):
        if index >= min(len(expected), len(actual)) or expected[index] != actual[index]:
            return index
    return None


@given(strategies.records(PORT), st.data())
def test_the_first_difference_is_found(expected: Records, data: st.DataObject) -> None:
    """Against a record-by-record comparison, on streams that share a beginning."""
    common = data.draw(st.integers(0, len(expected)))
    actual = np.concatenate((expected[:common], data.draw(strategies.records(PORT, 5))))
    if len(expected) == len(actual) == 0:
        return
    found = first_divergence(expected, actual)
    index = by_hand(expected.tolist(), actual.tolist())
    assert (found.index if found else None) == index
    if found is None or index is None:
        return
    assert found.expected == (
        dict(zip(("spike", "membrane"), expected[index].tolist(), strict=True))
        if index < len(expected)
        else None
    )
    assert found.actual == (
        dict(zip(("spike", "membrane"), actual[index].tolist(), strict=True)) if index < len(actual) else None
    )
    both = index < min(len(expected), len(actual))
    assert found.fields == tuple(
        name for name in ("spike", "membrane") if both and expected[name][index] != actual[name][index]
    )


@pytest.mark.parametrize(
    ("rows", "index", "fields", "text"),
    [
        ([(0, 1), (1, 2), (0, 3)], None, (), ""),
        (
            [(0, 1), (1, 3), (1, 3)],
            1,
            ("membrane",),
            "spike 1, membrane 2 was expected, spike 1, membrane 3 came",
        ),
        ([(0, 1), (0, 3), (0, 3)], 1, ("spike", "membrane"), "spike 0, membrane 3 came"),
        ([(1, 1), (1, 2), (0, 3)], 0, ("spike",), "spike 0, membrane 1 was expected"),
        ([(0, 1), (1, 2)], 2, (), "spike 0, membrane 3 was expected, nothing more came"),
        ([(0, 1), (1, 2), (0, 3), (0, 0)], 3, (), "nothing more was expected, spike 0, membrane 0 came"),
        ([], 0, (), "nothing more came"),
    ],
)
def test_what_is_reported(
    rows: list[tuple[int, int]], index: int | None, fields: tuple[str, ...], text: str
) -> None:
    found = first_divergence(PORT.from_tuples([(0, 1), (1, 2), (0, 3)]), PORT.from_tuples(rows))
    assert (found.index if found else None) == index
    if found is not None:
        assert found.fields == fields
        assert text in str(found)
        assert json.loads(json.dumps(found.to_dict()))["index"] == index


def test_one_flipped_bit_in_a_million_is_found() -> None:
    random = np.random.default_rng(0)
    expected = PORT.records(random.integers(0, 2, 1_000_000), random.integers(-4, 4, 1_000_000))
    assert first_divergence(expected, expected.copy()) is None
    for index in (0, 777_777, 999_999):
        actual = expected.copy()
        actual["membrane"][index] ^= 1
        found = first_divergence(expected, actual)
        assert found is not None
        assert (found.index, found.fields) == (index, ("membrane",))


def test_nothing_compared_is_no_pass() -> None:
    empty, one = PORT.from_tuples([]), PORT.from_tuples([(0, 1)])
    with pytest.raises(BadInput, match="nothing to compare"):
        first_divergence(empty, empty)
    assert not compare({"a": empty}, {"a": empty}).agrees
    assert "nothing was compared" in str(compare({"a": empty}, {"a": empty}))
    assert not compare({}, {}).agrees
    assert compare({"a": empty, "b": one}, {"a": empty, "b": one}).agrees


def test_a_port_that_is_empty_on_one_side_diverges() -> None:
    empty, one = PORT.from_tuples([]), PORT.from_tuples([(0, 1)])
    for expected, actual in ((empty, one), (one, empty)):
        verdict = compare({"a": one, "b": expected}, {"a": one, "b": actual})
        assert not verdict.agrees
        assert list(verdict.divergences) == ["b"]


def test_records_of_different_ports_are_refused() -> None:
    other = Layout({"spike": unsigned(1), "address": unsigned(3)})
    with pytest.raises(BadInput, match="cannot be compared"):
        first_divergence(PORT.from_tuples([(0, 1)]), other.from_tuples([(0, 1)]))
    with pytest.raises(BadInput, match="cannot be compared"):
        first_divergence(np.zeros(2), np.zeros(2))
    with pytest.raises(BadInput, match="ports a cannot be compared with ports b"):
        compare({"a": PORT.from_tuples([(0, 1)])}, {"b": PORT.from_tuples([(0, 1)])})


def test_a_verdict_over_several_ports() -> None:
    good, bad = PORT.from_tuples([(0, 1), (1, 2)]), PORT.from_tuples([(0, 1), (1, 3), (0, 0)])
    verdict = compare({"left": good, "right": good}, {"left": good, "right": bad})
    assert isinstance(verdict, Verdict)
    assert not verdict.agrees
    assert verdict.compared == 4
    assert list(verdict.divergences) == ["right"]
    assert str(verdict).startswith("right: transaction 1:")
    assert json.loads(json.dumps(verdict.to_dict()))["agrees"] is False

    verdict = compare({"left": good, "right": good}, {"left": good, "right": good})
    assert verdict.agrees
    assert str(verdict) == "all 4 transactions agree"
