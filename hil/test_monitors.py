"""A virtual board in lockstep with the engine, and its probe."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from vcd.reader import TokenKind, tokenize

from spikelock.drivers.board import Board
from spikelock.drivers.link import Link
from spikelock.drivers.lockstep import run_in_lockstep
from spikelock.drivers.scope import Capture, Scope, Setting
from spikelock.drivers.vcd import save_vcd
from spikelock.hil.in_process import board_and_clock
from spikelock.hil.levels import Virtual
from spikelock.hil.selftest.computing import random_program
from spikelock.hil.serving import Line
from spikelock.hil.simulation import BUILD, BuiltBoard, build_board
from spikelock.models.board.capability import capability, encode
from spikelock.models.board.description import BoardParams
from spikelock.models.board.taps import Source
from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric import chain, tile
from spikelock.models.fixed import unsigned
from spikelock.models.monitor.probe import Trigger
from spikelock.models.mutant import Mutant
from spikelock.models.network.program import Program
from spikelock.models.network.trace import events_of_raster
from spikelock.models.neurons import lif
from spikelock.models.ports import Layout

CHAIN = chain.Params(
    (
        tile.Params(lif.Params(width=10, threshold=40), 3, 4, 12),
        tile.Params(lif.Params(width=10, threshold=40), 2, 7, 10, recurrent=True),
    )
)
PARAMS = BoardParams(chain=CHAIN)

SUBTRACTS = Mutant(
    "a tile subtracts", "fabric.tile", "accumulator_read.data + weight", "accumulator_read.data - weight"
)


@cache
def built(mutant: Mutant | None = None) -> BuiltBoard:
    record = encode(capability(PARAMS, BUILD))
    return build_board(PARAMS, mutant and mutant.component("board.top", PARAMS, record=record))


@contextmanager
def board(mutant: Mutant | None = None) -> Iterator[Board]:
    line, clock = board_and_clock(built(mutant))
    link = Link(line, clock=clock)
    link.open()
    with Board(link) as opened:
        yield opened


def stimulus(samples: int = 3, ticks: int = 8) -> tuple[Program, NDArray[np.bool_]]:
    random = np.random.default_rng(5)
    return random_program(CHAIN, random), random.random((samples, ticks, 4)) < 0.6


def test_a_good_board_agrees_and_is_free_again() -> None:
    program, spikes = stimulus()
    with board() as opened:
        done = run_in_lockstep(opened, program, spikes)
        assert done.agrees, done.lines()
        assert done.actual.raster()[:, :, 4:].sum() > 20, "neurons must fire"
        assert opened.telemetry()["dropped"] == opened.telemetry()["link_refused"] == 0
        assert run_in_lockstep(opened, program, spikes).agrees, "a second time"


def test_a_board_that_computes_wrongly_stops_and_is_explained() -> None:
    program, spikes = stimulus()
    with board(SUBTRACTS) as opened:
        done = run_in_lockstep(opened, program, spikes)
        assert done.stopped
        assert not done.agrees
        assert done.explanation is not None
        sample, tick = done.explanation.sample, done.explanation.tick
        last = np.count_nonzero(done.actual.events["kind"] == tile.Kind.TICK)
        assert last == sample * spikes.shape[1] + tick + 1, "no tick is begun after the one that differs"
        assert done.wrong_states
        assert done.explanation.actual.after is not None, "it was run again, a tick at a time"
        assert done.lines()[-1].startswith("  tile1_accumulators[1]: current -127 specified")


def test_a_capture_is_what_the_chain_sent() -> None:
    program, spikes = stimulus()
    with board() as opened:
        scope = Scope(opened)
        opened.load(program)
        third = {"kind": tile.Kind.TICK}
        scope.arm(Setting(Source.OUTPUT, Trigger.RATE, third, after=10, occurrences=3))
        came = opened.run(events_of_raster(spikes, opened.incoming))
        capture = scope.take(1)
        assert capture is not None
        place = np.flatnonzero(came["kind"] == tile.Kind.TICK)[2]
        assert capture.samples.tolist() == came[: place + 11].tolist()
        assert capture.trigger == place
        assert (np.diff(capture.cycles) > 0).all()
        assert scope.take(0.05) is None, "there is one capture only"


def test_levels_and_handshakes_are_captured_as_they_change() -> None:
    program, spikes = stimulus()
    with board() as opened:
        scope = Scope(opened)
        opened.load(program)
        for source, match in ((Source.LEVELS, {"waiting": 3}), (Source.HANDSHAKES, {"idle": 0})):
            scope.arm(Setting(source, Trigger.VALUE, match, after=20))
            opened.run(events_of_raster(spikes, opened.incoming))
            capture = scope.take(1)
            assert capture is not None
            (name,) = match
            assert capture.samples[name][capture.trigger] == match[name]
            assert (capture.samples[1:] != capture.samples[:-1]).all(), "a sample is a change"


def test_captures_follow_each_other() -> None:
    program, spikes = stimulus(8)
    with board() as opened:
        scope = Scope(opened)
        opened.load(program)
        scope.arm(Setting(Source.TICKS, Trigger.EDGE, {"spikes": 0}, after=3), repeat=True)
        opened.run(events_of_raster(spikes, opened.incoming))
        first, second = scope.take(1), scope.take(1)
        assert first is not None
        assert second is not None
        changes = np.diff(second.samples["spikes"])
        assert changes[second.trigger - 1] != 0
        assert not changes[: second.trigger - 1].any()
        scope.disarm()
        assert scope.take(0.05) is None


def test_a_scope_on_a_quiet_board_captures_nothing() -> None:
    with board() as opened:
        scope = Scope(opened)
        scope.arm(Setting(Source.OUTPUT))
        assert scope.take(0.1) is None
        with pytest.raises(BadInput, match="OUTPUT has no field 'colour'; it has: kind, address"):
            scope.arm(Setting(Source.OUTPUT, match={"colour": 1}))
        with pytest.raises(RangeError, match="kind = 4"):
            scope.arm(Setting(Source.OUTPUT, match={"kind": 4}))
        with pytest.raises(BadInput, match="0 … 255 samples follow"):
            scope.arm(Setting(after=256))


def test_a_capture_is_saved_as_waves(tmp_path: Path) -> None:
    layout = Layout({"kind": unsigned(2), "address": unsigned(4)})
    samples = layout.records([0, 0, 1, 0], [5, 5, 0, 3])
    capture = Capture(Source.OUTPUT, layout, samples, np.array([-7, -6, 0, 9]), 2, 10_000_000)
    save_vcd(tmp_path / "capture.vcd", capture)
    tokens: list[Any] = list(tokenize(io.BytesIO((tmp_path / "capture.vcd").read_bytes())))
    names = {t.data.id_code: t.data.reference for t in tokens if t.kind is TokenKind.VAR}
    assert set(names.values()) == {"kind", "address", "trigger", "passes"}
    now = 0
    seen: list[tuple[int, str, int]] = []
    for token in tokens:
        if token.kind is TokenKind.CHANGE_TIME:
            now = token.data
        elif token.kind in (TokenKind.CHANGE_SCALAR, TokenKind.CHANGE_VECTOR):
            seen.append((now, names[token.data.id_code], int(token.data.value)))
    assert [s for s in seen if s[1] == "trigger" and s[0]] == [(700, "trigger", 1), (800, "trigger", 0)]
    passes = [(time, value) for time, name, value in seen if name == "passes"]
    assert passes == [(0, 1), (200, 0), (700, 1), (800, 0), (1600, 1), (1700, 0)]
    assert (0, "address", 5) in seen
    assert (1600, "address", 3) in seen


def test_cosim_sees_the_membranes_of_a_board() -> None:
    program, spikes = stimulus(2)
    seen = Virtual(program, line=Line(port=0)).look_closer(spikes, "tile1", Path())
    golden = engine.run(program, spikes, probe=["tile1"])
    assert seen is not None
    assert seen.events.tolist() == golden.events.tolist()
    assert seen.membranes["tile1"].tolist() == golden.membranes["tile1"].tolist()
