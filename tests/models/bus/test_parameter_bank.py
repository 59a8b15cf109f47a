"""Live parameters: engine = reference, the sum is zlib's, and what each request does."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.bus.parameter_bank import CORE, REQUEST, TRAPS, Command, Params, State, Status
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.bus import parameter_bank as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Register
from spikelock.testbenches.bus.parameter_host import requests

REGISTERS = (
    ("gain", Register(signed(3), -2, "a signed value")),
    ("mask", Register(unsigned(64), 2**63, "as long as a value can be")),
    ("offset", Register(signed(64), -1, "as long, and signed")),
    ("period", Register(unsigned(33), 7, "longer than a word")),
)
PARAMS = Params(REGISTERS, bank=5, count_width=2)
RESETS = PARAMS.resets
Row = tuple[int, int, int, int, int]


def write(entry: int, value: int) -> Row:
    return Command.WRITE, PARAMS.bank, entry, value % 2**32, value % 2**64 >> 32


def apply(*writes: Row) -> Row:
    """With the sum that zlib computes."""
    words = np.array([row[1:] for row in writes], "<u4")
    return Command.APPLY, PARAMS.bank, 0, crc32(words.tobytes()), 0


def ask(command: Command, low: int = 0) -> Row:
    return command, PARAMS.bank, 0, low, 0


def run(*rows: Row) -> dict[str, list[Any]]:
    _, outputs = run_reference(CORE, PARAMS, Configuration(), {"request": REQUEST.from_tuples(rows)})
    return {name: records.tolist() for name, records in outputs.items()}


def statuses(*rows: Row) -> list[Status]:
    return [Status(status) for status, _, _ in run(*rows)["answer"]]


def assert_engine_equals_reference(rows: Any, params: Params = PARAMS) -> None:
    _, expected = run_reference(CORE, params, Configuration(), {"request": rows})
    actual = engine.run(params, Configuration(), {"request": rows})
    assert all(np.array_equal(actual[name], records) for name, records in expected.items())


@given(st.integers(0, 2**32), st.integers(0, 60))
def test_engine_equals_reference(seed: int, size: int) -> None:
    assert_engine_equals_reference(requests(PARAMS)(np.random.default_rng(seed), size)["request"])


@given(st.lists(st.tuples(*[st.integers(0, 7), *[st.integers(0, 2**32 - 1)] * 4])))
def test_engine_equals_reference_for_rubbish(rows: list[Row]) -> None:
    assert_engine_equals_reference(REQUEST.from_tuples(rows))


def test_engine_equals_reference_over_many_requests() -> None:
    for params in (PARAMS, Params()):
        rows = requests(params)(np.random.default_rng(7), 3_000)["request"]
        assert_engine_equals_reference(rows, params)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-4, 3)), min_size=1))
def test_the_sum_is_that_of_zlib(pairs: list[tuple[int, int]]) -> None:
    writes = [write(entry, abs(value) if entry in (1, 3) else value) for entry, value in pairs]
    right = apply(*writes)
    wrong = ask(Command.APPLY, right[3] ^ 1)
    assert statuses(*writes, wrong, right)[-2:] == [Status.WRONG_SUM, Status.DONE]


def test_all_values_are_applied_at_once_and_brought_back_at_once() -> None:
    writes = write(0, 3), write(2, -(2**63)), write(0, 1)
    done = run(*writes, apply(*writes), ask(Command.ROLLBACK))
    assert done["applied"] == [(1, 2**63, -(2**63), 7), RESETS]
    assert done["answer"] == [(Status.DONE, 0, 0)] * 5


def test_a_set_before_is_brought_back_once() -> None:
    one, two = write(0, 1), write(0, 2)
    back = ask(Command.ROLLBACK)
    rows = [one, apply(one), two, apply(two), back, back]
    assert statuses(*rows)[-2:] == [Status.DONE, Status.NOTHING_BEFORE]
    assert [live[0] for live in run(*rows)["applied"]] == [1, 2, 1]


def test_a_rollback_and_a_begin_drop_what_was_staged() -> None:
    one, other, period = write(0, 1), write(0, 3), write(3, 9)
    for drop, expected in ((Command.ROLLBACK, RESETS[0]), (Command.BEGIN, 1)):
        done = run(one, apply(one), other, ask(drop), ask(Command.APPLY), period, apply(period))
        assert done["answer"][4][0] == Status.NOTHING_TO_APPLY
        assert done["applied"][-1] == (expected, *RESETS[1:3], 9)


def test_a_wrong_sum_changes_nothing_and_what_is_staged_can_still_be_applied() -> None:
    one = write(0, 1)
    done = run(one, ask(Command.APPLY, 1), apply(one))
    assert done["answer"] == [(0, 0, 0), (Status.WRONG_SUM, 0b10000, 1), (0, 0b10000, 1)]
    assert done["applied"] == [(1, *RESETS[1:])]


def test_a_host_that_sums_a_write_that_was_refused_applies_nothing() -> None:
    rows = write(0, 1), write(0, 4)
    assert statuses(*rows, apply(*rows)) == [Status.DONE, Status.DOES_NOT_FIT, Status.WRONG_SUM]


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ((Command.WRITE, 4, 0, 0, 0), Status.UNKNOWN_BANK),
        ((Command.CLEAR, 5 | 1 << 31, 0, 0, 0), Status.UNKNOWN_BANK),
        (write(4, 0), Status.UNKNOWN_ENTRY),
        (write(1 << 31, 0), Status.UNKNOWN_ENTRY),
        (write(0, 3), Status.DONE),
        (write(0, 4), Status.DOES_NOT_FIT),
        (write(0, -4), Status.DONE),
        (write(0, -5), Status.DOES_NOT_FIT),
        ((Command.WRITE, 5, 0, 2**32 - 1, 0), Status.DOES_NOT_FIT),
        (write(1, 2**64 - 1), Status.DONE),
        (write(2, -(2**63)), Status.DONE),
        (write(3, 2**33 - 1), Status.DONE),
        (write(3, 2**33), Status.DOES_NOT_FIT),
        (ask(Command.APPLY), Status.NOTHING_TO_APPLY),
        (ask(Command.ROLLBACK), Status.NOTHING_BEFORE),
        (ask(Command.BEGIN), Status.DONE),
        (ask(Command.CLEAR), Status.DONE),
        ((5, 4, 9, 0, 0), Status.UNKNOWN_COMMAND),
    ],
)
def test_status(row: Row, status: Status) -> None:
    traps = 1 << status - 1 if status else 0
    assert run(row)["answer"] == [(status, traps, status > 0)]
    assert_engine_equals_reference(REQUEST.from_tuples([row]))


def test_traps_are_latched_until_they_are_cleared_and_their_count_stops() -> None:
    bad = (7, 0, 0, 0, 0)
    done = run(ask(Command.ROLLBACK), *[bad] * 4, ask(Command.BEGIN), ask(Command.CLEAR), bad)["answer"]
    both, unknown = 1 << 5 | 1 << 6, 1 << 6
    assert [traps for _, traps, _ in done] == [1 << 5, *[both] * 5, 0, unknown]
    assert [count for _, _, count in done] == [1, 2, 3, 3, 3, 3, 0, 1]
    assert max(Status) == TRAPS


def test_after_reset_live_and_staged_have_the_reset_values() -> None:
    assert CORE.initial(PARAMS, Configuration()) == State(RESETS, RESETS, None, b"", 0, 0)


def test_params_that_no_bank_can_have_are_refused() -> None:
    with pytest.raises(BadInput, match="one or more"):
        Params(())
    with pytest.raises(BadInput, match="a name of its own"):
        Params(REGISTERS[:1] * 2)
    with pytest.raises(RangeError, match=r"bank = 4294967296: must be 0 … 4294967295"):
        Params(bank=2**32)
    with pytest.raises(RangeError, match=r"count_width = 0: 1 … 32 bits"):
        Params(count_width=0)
    with pytest.raises(RangeError, match="field wide has 65 bits"):
        Params((("wide", Register(unsigned(65), 0, "")),))
