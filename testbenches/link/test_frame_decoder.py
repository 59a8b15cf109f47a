"""Bench of `link.frame_decoder`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.frame_decoder import CORE, Params, body
from spikelock.models.link.frame_encoder import frame, stuff
from spikelock.models.link.protocol import Drop
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Impossible
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross
from spikelock.testbenches.link.bodies import awkward_bodies, random_bodies, random_body
from spikelock.testbenches.link.frame_decoder_bugs import BUGS

DEFAULT = Params()


def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """Frames, the awkward ones among them, about half of them spoiled; zeros between them; at the end one
    that is not complete.
    """
    line: list[int] = []
    awkward = list(awkward_frames(random))
    bodies = random_bodies(random, DEFAULT.shortest, DEFAULT.longest)
    while awkward or len(line) < size:
        if awkward and random.random() < 0.5:
            line += awkward.pop()
        else:
            whole = frame(next(bodies))
            line += spoiled(random, whole) if random.random() < 0.5 else whole
        line += [0] * int(random.choice([0, 0, 0, 1, 3]))
    return {"input": CORE.inputs(DEFAULT)["input"].records([*line, 1, 5])}


def awkward_frames(random: np.random.Generator) -> Iterator[list[int]]:
    """Of awkward bodies; a full block in several surroundings, and one almost full; each bit of a CRC wrong;
    cut off anywhere; and each that can become of a frame after a delivered one, a dropped one, an empty one.
    """
    bodies = awkward_bodies(random, DEFAULT.shortest, DEFAULT.longest)
    yield from map(frame, bodies)
    full = frame(bodies[-1])[:-1]
    for more in ([1, 0], [1, 1, 0], [2, 9, 0], [9, 0]):
        yield full + more
    yield [0xFE, *full[1:254], 2, 9, 0]  # a byte too long, by the 0 between its blocks
    for bit in range(32):
        kept = random_body(random, 5)
        yield [*stuff(kept + (crc32(kept) ^ 1 << bit).to_bytes(4, "little")), 0]
    whole = frame(random_body(random, 6))
    yield from ([*whole[:end], 0] for end in range(len(whole) - 1))
    fates = [whole, [*whole[:-3], 0], [1, 0], [*whole[:-2], whole[-2] ^ 0x80, 0], [0], [*full, 1, 1, 0]]
    yield from (before + after for before in (whole, [5, 0], [0]) for after in fates)


def spoiled(random: np.random.Generator, whole: list[int]) -> list[int]:
    """A frame with a byte changed, lost, doubled or put in, or a zero put in."""
    at = int(random.integers(len(whole)))
    byte = int(random.integers(256))
    return [
        [*whole[:at], byte, *whole[at + 1 :]],
        [*whole[:at], whole[at] ^ (1 << byte % 8), *whole[at + 1 :]],
        [*whole[:at], *whole[at + 1 :]],
        [*whole[: at + 1], *whole[at:]],
        [*whole[:at], byte, *whole[at:]],
        [*whole[:at], 0, *whole[at:]],
        [byte, *whole],
    ][int(random.integers(7))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a frame: what becomes of it, its length, its blocks. An empty frame has the outcome −1."""
    line = bytes(inputs["input"]["data"].tolist())
    frames = line.split(b"\0")[:-1]
    found = [body(params, one) for one in frames]
    outcome = np.array([-1 if not one else _outcome(is_so) for one, is_so in zip(frames, found, strict=True)])
    length = np.array([0 if isinstance(one, Drop) else len(one) for one in found])
    return {
        "outcome": outcome,
        "before": np.concatenate([[-1], outcome[:-1]]),
        "length": length,
        "bytes": np.array([len(one) for one in frames]),
        "full": np.array([one[:1] == b"\xff" for one in frames]),
        "ends in an empty block": np.array([one[-1:] == b"\1" for one in frames]),
    }


def _outcome(found: list[int] | Drop) -> int:
    return int(found) if isinstance(found, Drop) else len(Drop)


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    outcomes = {"empty": -1, **{reason.name.lower(): int(reason) for reason in Drop}, "delivered": len(Drop)}
    outcome = Point("frame", {n: lambda t, v=v: t["outcome"] == v for n, v in outcomes.items()})
    before = Point(
        "after",
        {
            "empty": lambda t: t["before"] == -1,
            "dropped": lambda t: (t["before"] >= 0) & (t["before"] < len(Drop)),
            "delivered": lambda t: t["before"] == len(Drop),
        },
    )
    lengths = [DEFAULT.shortest, DEFAULT.shortest + 1, DEFAULT.longest - 1, DEFAULT.longest]
    limit = DEFAULT.longest + 6
    return CoverGroup(
        "link.frame_decoder",
        [
            cross(before, outcome),
            Point("length", {str(n): lambda t, n=n: t["length"] == n for n in lengths}),
            Point(
                "full block",
                {
                    "alone": lambda t: t["full"] & (t["bytes"] == limit - 1) & (t["length"] > 0),
                    "and an empty block": lambda t: t["full"] & (t["bytes"] == limit) & (t["length"] > 0),
                    "and two": lambda t: t["full"] & (t["bytes"] == limit + 1) & t["ends in an empty block"],
                    "cut off": lambda t: t["full"] & (t["outcome"] == Drop.WRONG_CODE),
                },
            ),
            Point("a code and nothing", {"1": lambda t: (t["bytes"] == 1) & t["ends in an empty block"]}),
        ],
    )


IMPOSSIBLE: Impossible = {
    "dropped": {
        ("back to back", passing): "while one waits no byte is accepted, and a frame has at least two"
        for passing in ("at once", "stalled")
    }
}

BENCH = Bench(CORE, [Case("lines", DEFAULT, stimulus)], coverage, observe, impossible=IMPOSSIBLE, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
