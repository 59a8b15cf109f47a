"""Ordered covering: every known key goes where it went, tables get small, and errors are found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.errors import BadInput
from spikelock.models.network.mapping import covering
from spikelock.models.network.mapping.covering import compress, merge_of, shortened
from spikelock.models.network.mapping.machine import Port
from spikelock.models.network.mapping.tables import Entry, outputs_of, without_straight_ways

WIDTH = 6
EAST, NORTH, LOCAL = (frozenset({port}) for port in (Port.EAST, Port.NORTH, Port.LOCAL))

TABLES = st.dictionaries(
    st.integers(0, (1 << WIDTH) - 1), st.sampled_from([EAST, NORTH, LOCAL]), min_size=1, max_size=30
).map(lambda routes: [Entry(key, (1 << WIDTH) - 1, outputs) for key, outputs in routes.items()])


def smallest(table: list[Entry]) -> list[Entry]:
    best = compress(table, len(table), WIDTH)
    while len(best) > 1:
        try:
            best = compress(table, len(best) - 1, WIDTH)
        except BadInput:
            break
    return best


def wrong_keys(table: list[Entry], compressed: list[Entry]) -> list[int]:
    return [e.key for e in table if outputs_of(compressed, e.key, Port.LOCAL) != e.outputs]


def split(table: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Some entries, and others whose keys go by the default route."""
    return [e for e in table if e.key % 3], [e for e in table if not e.key % 3]


@settings(max_examples=200)
@given(TABLES)
def test_keys_of_the_default_route_stay_free(table: list[Entry]) -> None:
    table, free = split(table)
    small = shortened(table, 1, WIDTH, free)
    assert wrong_keys(table, small) == []
    assert all(outputs_of(small, e.key, Port.LOCAL) is None for e in free)


def test_control_without_them_a_merge_takes_some() -> None:
    table, free = split([Entry(key, 63, EAST) for key in range(64)])
    assert any(outputs_of(shortened(table, 1, WIDTH), e.key, Port.LOCAL) for e in free)


@settings(max_examples=200)
@given(TABLES)
def test_every_known_key_goes_where_it_went(table: list[Entry]) -> None:
    assert wrong_keys(table, smallest(table)) == []


def test_entries_of_one_output_become_one() -> None:
    assert smallest([Entry(key, 0b111111, EAST) for key in range(64)]) == [Entry(0, 0, EAST)]


def test_an_exception_stays_before_the_rule() -> None:
    table = [Entry(key, 0b111111, NORTH if key == 5 else EAST) for key in range(64)]
    small = smallest(table)
    assert len(small) < 10
    assert wrong_keys(table, small) == []


def test_a_table_that_is_small_enough_is_kept() -> None:
    table = [Entry(1, 63, EAST), Entry(2, 63, NORTH)]
    assert compress(table, 2, WIDTH) == table


def test_what_does_not_become_small_enough_is_refused() -> None:
    table = [Entry(key, 63, EAST if key.bit_count() % 2 else NORTH) for key in range(64)]
    with pytest.raises(BadInput, match="64 entries compresses to"):
        compress(table, 2, WIDTH)


def test_merged_entries_match_all_that_their_parts_match() -> None:
    merged = merge_of([Entry(0b0001, 0b1111, EAST), Entry(0b0100, 0b1100, EAST)])
    assert merged == Entry(0, 0b1000, EAST)


@pytest.mark.parametrize("check", ["_up_check", "_down_check"])
def test_control_without_its_checks_it_is_wrong(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, check, lambda table, members, width, free=(): members)

    @settings(max_examples=300, database=None)
    @given(TABLES)
    def try_all(table: list[Entry]) -> None:
        assert wrong_keys(table, smallest(table)) == []

    with pytest.raises(AssertionError):
        try_all()


def test_the_default_route_replaces_what_goes_straight_on() -> None:
    table = [Entry(1, 63, EAST), Entry(2, 63, EAST), Entry(3, 63, NORTH)]
    kept, straight = without_straight_ways(table, [Port.WEST, Port.LOCAL, Port.WEST])
    assert (kept, straight) == (table[1:], table[:1])
    assert outputs_of(kept, 1, Port.WEST) == EAST
    assert outputs_of(kept, 9, Port.LOCAL) is None


def test_an_entry_that_hides_another_stays() -> None:
    table = [Entry(1, 63, EAST), Entry(0, 0, NORTH)]
    assert without_straight_ways(table, [Port.WEST, Port.WEST]) == (table, [])
