"""What `spikelock scope` shows of a capture, and what it says where there is nothing to show."""

from __future__ import annotations

import numpy as np
import pytest

from spikelock.cli.main import main
from spikelock.cli.scope import parse_fields
from spikelock.cli.waves import picture, text, wave
from spikelock.drivers.scope import Capture
from spikelock.models.board.taps import Source
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Layout

EVENTS = Layout({"kind": unsigned(2), "address": unsigned(4)})
LEVELS = Layout({"waiting": unsigned(12), "leaving": unsigned(12)})


def events() -> Capture:
    samples = EVENTS.records([0, 0, 1, 0, 1], [2, 5, 0, 3, 0])
    return Capture(Source.OUTPUT, EVENTS, samples, np.array([-20, -9, 0, 11, 40]), 2, 1_000_000)


def levels() -> Capture:
    samples = LEVELS.records([0, 4, 8], [1, 1, 1])
    return Capture(Source.LEVELS, LEVELS, samples, np.array([0, 5, 9]), 0, 1_000_000)


def test_events_are_a_raster() -> None:
    lines = text(events())
    assert lines[0] == "OUTPUT: 5 samples, cycles -20 … 40 from the trigger (60.0 µs)"
    assert lines[1].endswith("addresses 2 … 5 downwards")
    assert lines[2] == "  \u2851", "addresses 2 and 5 in the first tick, 3 in the second"
    assert lines[-1].index("▲") == len("address ") + 2


def test_levels_are_waves() -> None:
    assert text(levels())[1:] == ["waiting ▁▄█  0 … 8", "leaving ▁▁▁  1 … 1", "        ▲ trigger"]
    assert wave(np.array([0, 1, 1, 0]), unsigned(1)) == "▁▔▔▁"


def test_more_samples_than_columns_are_shown_around_the_trigger() -> None:
    samples = LEVELS.records(np.arange(100), np.zeros(100, np.int64))
    capture = Capture(Source.LEVELS, LEVELS, samples, np.arange(100) - 70, 70, 1_000_000)
    assert text(capture, 20)[1].endswith("60 … 79")
    assert text(capture, 20)[-1].index("▲") == len("waiting ") + 10


def test_pictures_have_a_dot_a_spike_and_a_line_a_field() -> None:
    drawn = str(picture(events()))
    assert drawn.count("<circle") == 3
    assert "trigger" in drawn
    assert str(picture(levels())).count('stroke="#0969da"') == 2


def test_fields_of_a_trigger() -> None:
    assert parse_fields("kind=1, address=0x10") == {"kind": 1, "address": 16}
    assert parse_fields("waiting") == {"waiting": 0}
    assert parse_fields("") == {}
    with pytest.raises(BadInput, match="'tick' is no whole number"):
        parse_fields("kind=tick")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "--url is missing"),
        (["--url", "serial:/dev/not-there"], 1, "/dev/not-there"),
        (["--url", "udp:127.0.0.1:9", "--seconds", "0.1"], 1, "127.0.0.1"),
        (["--url", "nothing:"], 2, "nothing"),
        (["--url", "virtual:", "--lockstep"], 2, "--lockstep needs NET"),
        (["--url", "virtual:", "--input", "x.npz"], 2, "belong together"),
    ],
)
def test_where_nothing_is_connected_it_says_so(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scope", *arguments]) == code
    assert says in capsys.readouterr().err
