"""Parameters go to JSON values and back by their annotations; what does not fit is named."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Literal

import pytest

from spikelock.models.core import all_cores
from spikelock.models.errors import BadInput
from spikelock.models.fixed import Q
from spikelock.models.plain_data import from_plain, to_plain


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Level(IntEnum):
    LOW = 0
    HIGH = 1


@dataclass(frozen=True)
class Inner:
    q: Q = field(default_factory=lambda: Q(8, 8))
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class Outer:
    width: int
    share: float = 0.5
    mode: Mode = Mode.FAST
    name: str | None = None
    pair: tuple[int, bool] = (1, True)
    inner: Inner = field(default_factory=Inner)
    parts: tuple[Inner, ...] = ()
    side: Literal["left", "right"] = "left"
    broken: frozenset[tuple[int, Level]] = frozenset()


VALUES = [
    Outer(3),
    Outer(
        -7,
        1.0,
        Mode.SLOW,
        "x",
        (0, False),
        Inner(Q(0, 32, False), (Level.HIGH, Level.LOW)),
        (Inner(),),
        "right",
        frozenset({(2, Level.HIGH), (1, Level.LOW)}),
    ),
]


@pytest.mark.parametrize("value", [*VALUES, *(core.params() for core in all_cores())], ids=lambda v: type(v))
def test_there_and_back(value: Any) -> None:
    plain = json.loads(json.dumps(to_plain(value)))
    assert from_plain(type(value), plain) == value


def test_missing_fields_keep_their_defaults() -> None:
    assert from_plain(Outer, {"width": 3}) == Outer(3)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "params: the field 'width' is missing"),
        ([], "an object with the fields of Outer is needed"),
        ({"width": True}, "params.width: True is given; an integer is needed"),
        ({"width": 1, "depth": 2}, "params has no field 'depth'; it has: width, share"),
        ({"width": 1, "mode": "swift"}, "params.mode: 'swift' is none of 'fast', 'slow'"),
        ({"width": 1, "side": "up"}, "params.side: 'up' is none of 'left', 'right'"),
        ({"width": 1, "name": 3}, "params.name: 3 is given; a string is needed; or params.name: 3"),
        ({"width": 1, "pair": [1]}, "params.pair: 1 items are given; 2 are needed"),
        ({"width": 1, "pair": 1}, "params.pair: 1 is given; a list is needed"),
        ({"width": 1, "inner": {"q": {"integer": -1}}}, r"params.inner.q: Q\(-1, 0\)"),
        ({"width": 1, "inner": {"levels": [2]}}, r"params.inner.levels\[0\]: 2 is none of"),
    ],
)
def test_what_does_not_fit_is_named(data: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        from_plain(Outer, data)


def test_what_has_no_plain_form_is_refused() -> None:
    with pytest.raises(BadInput, match="is a set, which has no plain form"):
        to_plain({1, 2})
