"""Traces: streams as they came, their positions, rasters of healthy ones, files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.fabric.tile import Kind, event
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, concatenate, events_of_raster
from spikelock.models.ports import Records

Raster = NDArray[np.bool_]
rasters = arrays(np.bool_, array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=5))


def by_hand(raster: Raster) -> list[tuple[int, int]]:
    """The stream of a raster, one event at a time."""
    out = []
    for sample in raster:
        out.append((int(Kind.RESTART), 0))
        for tick in sample:
            out += [(int(Kind.SPIKE), address) for address, fired in enumerate(tick.tolist()) if fired]
            out.append((int(Kind.TICK), 0))
    return out


@given(rasters)
def test_raster_to_stream_and_back(raster: Raster) -> None:
    events = events_of_raster(raster, event(raster.shape[2]))
    assert events.tolist() == by_hand(raster)
    trace = Trace.of_raster(raster)
    assert trace.events.tolist() == by_hand(raster)
    assert np.array_equal(trace.raster(), raster)
    assert np.array_equal(trace.counts(), raster.sum(axis=1))


def example() -> Trace:
    """Two samples of three ticks over four addresses."""
    raster = np.zeros((2, 3, 4), np.bool_)
    for place in ((0, 0, 1), (0, 0, 3), (0, 2, 0), (1, 1, 2)):
        raster[place] = True
    return Trace.of_raster(raster)


def test_positions() -> None:
    trace = example()
    expected = [
        (0, 0),  # RESTART
        (0, 0),  # 1
        (0, 0),  # 3
        (0, 0),  # TICK
        (0, 1),  # TICK
        (0, 2),  # 0
        (0, 2),  # TICK
        (1, 0),  # RESTART
        (1, 0),  # TICK
        (1, 1),  # 2
        (1, 1),  # TICK
        (1, 2),  # TICK
    ]
    sample, tick = trace.positions()
    assert list(zip(sample.tolist(), tick.tolist(), strict=True)) == expected
    assert [trace.position(index) for index in range(len(trace.events))] == expected
    assert trace.position(len(trace.events)) == (1, 3)


@given(st.lists(st.tuples(st.sampled_from([int(kind) for kind in Kind]), st.integers(0, 3)), max_size=30))
def test_positions_of_any_stream(rows: list[tuple[int, int]]) -> None:
    trace = Trace(event(4).from_tuples(rows), 1, 1, 4)
    sample, tick = trace.positions()
    assert [trace.position(i) for i in range(len(rows))] == list(
        zip(sample.tolist(), tick.tolist(), strict=True)
    )


def swap(first: int, second: int) -> Callable[[Records], Records]:
    def change(events: Records) -> Records:
        events[[first, second]] = events[[second, first]]
        return events

    return change


def change_to(index: int, kind: Kind, address: int) -> Callable[[Records], Records]:
    def change(events: Records) -> Records:
        events[index] = (kind, address)
        return events

    return change


@pytest.mark.parametrize(
    ("change", "index"),
    [
        (lambda events: np.delete(events, 3), 6),  # a lost TICK: the next RESTART comes too soon
        (lambda events: np.delete(events, 7), 7),  # a lost RESTART: a fourth tick
        (swap(1, 2), 1),  # spikes out of order
        (lambda events: np.insert(events, 2, events[1]), 2),  # a spike twice
        (change_to(1, Kind.FAULT, 1), 1),
        (change_to(5, Kind.SPIKE, 5), 5),  # an address that does not exist
        (lambda events: events[:-1], 11),
        (lambda events: np.append(events, events[1:2]), 12),
        (lambda events: events[:0], 0),
    ],
)
def test_a_broken_stream_is_kept_and_has_no_raster(change: Callable[[Records], Records], index: int) -> None:
    broken = replace(example(), events=change(example().events))
    assert broken.events.tolist() != example().events.tolist()
    with pytest.raises(BadInput, match=f"event {index} of {len(broken.events)} is out of place"):
        broken.raster()


def test_counts_of_the_output_population(program: Program) -> None:
    raster = np.zeros((2, 3, program.addresses), np.bool_)
    raster[1, :, 15] = True
    raster[0, 1, 6] = True
    assert Trace.of_raster(raster).output_counts(program).tolist() == [[0, 0, 0, 0], [0, 3, 0, 0]]


def test_summary_is_json() -> None:
    summary = json.loads(json.dumps(example().summary()))
    assert summary == {
        "samples": 2,
        "ticks": 3,
        "addresses": 4,
        "events": {"SPIKE": 4, "TICK": 6, "RESTART": 2, "FAULT": 0},
    }


def test_shards_join_by_samples() -> None:
    raster = np.random.default_rng(0).random((7, 3, 4)) < 0.5
    probed = {"hidden": np.arange(7 * 3 * 2).reshape(7, 3, 2)}
    whole = Trace.of_raster(raster, probed)
    parts = [
        Trace.of_raster(raster[part], {"hidden": probed["hidden"][part]})
        for part in (slice(0, 3), slice(3, 4), slice(4, 7))
    ]
    joined = concatenate(parts)
    assert joined.samples == 7
    assert np.array_equal(joined.events, whole.events)
    assert np.array_equal(joined.membranes["hidden"], probed["hidden"])
    for wrong in ([], [parts[0], example()], [parts[0], replace(parts[1], membranes={})]):
        with pytest.raises(BadInput, match="cannot be joined"):
            concatenate(wrong)


def test_files(tmp_path: Path) -> None:
    trace = replace(example(), membranes={"hidden": np.arange(-12, 12).reshape(2, 3, 4)})
    path = tmp_path / "run.npz"
    trace.save(path)
    again = Trace.load(path)
    assert (again.samples, again.ticks, again.addresses) == (2, 3, 4)
    assert again.events.dtype == trace.events.dtype
    assert np.array_equal(again.events, trace.events)
    assert np.array_equal(again.membranes["hidden"], trace.membranes["hidden"])
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **named: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(BadInput, match="no space"):
        example().save(tmp_path / "run.npz")
    assert not list(tmp_path.iterdir())


def test_other_files_are_refused(tmp_path: Path) -> None:
    good = tmp_path / "good.npz"
    example().save(good)
    cut, text, array, future = (
        tmp_path / name for name in ("cut.npz", "text.npz", "array.npz", "future.npz")
    )
    cut.write_bytes(good.read_bytes()[:-40])
    text.write_text("not a trace")
    np.savez(array, kind=np.zeros(3))
    with np.load(good) as file:
        np.savez(future, **(dict(file) | {"version": np.array(2)}))
    for path, message in (
        (cut, "is not a trace"),
        (text, "is not a trace"),
        (array, "is not a trace"),
        (future, "version 2"),
        (tmp_path / "absent.npz", "is not a trace"),
    ):
        with pytest.raises(BadInput, match=message):
            Trace.load(path)


def test_inputs_of_another_shape_are_refused(program: Program) -> None:
    assert check_input(program, np.zeros((2, 3, 6), np.bool_)) == (2, 3)
    for wrong in (
        np.zeros((2, 3, 5), np.bool_),
        np.zeros((2, 6), np.bool_),
        np.zeros((2, 3, 6)),
        np.zeros((0, 3, 6), np.bool_),
        np.zeros((2, 0, 6), np.bool_),
    ):
        with pytest.raises(BadInput, match="needed: bool"):
            check_input(program, wrong)
