"""Bench of `link.frame_encoder`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.frame_encoder import CORE, Params
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Impossible
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.link.bodies import awkward_bodies, random_bodies, random_body
from spikelock.testbenches.link.frame_encoder_bugs import BUGS

DEFAULT = Params()


def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """Bodies, the awkward ones among them; at the end one that is not complete."""
    rows: list[tuple[int, int]] = []
    awkward = awkward_bodies(random, DEFAULT.shortest, DEFAULT.longest)
    bodies = random_bodies(random, DEFAULT.shortest, DEFAULT.longest)
    rows += [(byte, int(at == 299)) for at, byte in enumerate(random_body(random, 300))]
    rows += [(1, 1), (2, 1)]
    while awkward or len(rows) < size:
        body = awkward.pop() if awkward and random.random() < 0.5 else next(bodies)
        rows += [(byte, int(at == len(body))) for at, byte in enumerate(body, 1)]
    return {"input": CORE.inputs(DEFAULT)["input"].from_tuples([*rows, (7, 0)])}


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a body: its length, where it has zeros, and which byte of its CRC is 0."""
    sent = inputs["input"]
    ends = np.flatnonzero(sent["last"]) + 1
    bodies = [bytes(part.tolist()) for part in np.split(sent["data"], ends)[: len(ends)]]
    crcs = [crc32(body).to_bytes(4, "little") for body in bodies]
    length = np.array([len(body) for body in bodies])
    fits = (params.shortest <= length) & (length <= params.longest)
    return {
        "above shortest": length - params.shortest,
        "above longest": length - params.longest,
        "fits": fits,
        "fits before": np.concatenate([[True], fits[:-1]]),
        "first": np.array([body[0] == 0 for body in bodies]),
        "last": np.array([body[-1] == 0 for body in bodies]),
        "zeros in a row": np.array([b"\0\0" in body for body in bodies]),
        "only zeros": np.array([not any(body) for body in bodies]),
        "crc": np.array([crc.find(0) if crc.count(0) == 1 else 4 * (0 in crc) - 1 for crc in crcs]),
        "no zero": np.array([0 not in body + crc for body, crc in zip(bodies, crcs, strict=True)]),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    fits = Point("body", {"makes a frame": lambda t: t["fits"], "is dropped": lambda t: ~t["fits"]})
    before = Point("before", {"a frame": lambda t: t["fits before"], "a drop": lambda t: ~t["fits before"]})
    full = Point("full block", {"the whole frame": lambda t: t["no zero"] & (t["above longest"] == 0)})
    zeros = ("first", "last", "zeros in a row", "only zeros", "no zero")
    return CoverGroup(
        "link.frame_encoder",
        [
            cross(before, fits),
            values("length above the shortest", "above shortest", -1, 0, 1),
            values("length above the longest", "above longest", -1, 0, 1),
            Point("length", {"far too long": lambda t: t["above longest"] > 5}),
            Point("zeros", {name: lambda t, name=name: t["fits"] & t[name] for name in zeros}),
            values("the only zero of the CRC", "crc", -1, 0, 1, 2, 3),
            full,
        ],
    )


IMPOSSIBLE: Impossible = {
    "dropped": {
        ("back to back", passing): "while one waits no byte is accepted, and a body has at least one"
        for passing in ("at once", "stalled")
    }
}

BENCH = Bench(CORE, [Case("bodies", DEFAULT, stimulus)], coverage, observe, impossible=IMPOSSIBLE, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
