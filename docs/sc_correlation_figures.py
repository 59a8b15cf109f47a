"""Pictures of the correlation of bit streams: how it comes, and how it is changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spikelock.cli.svg import Picture
from spikelock.models.engine.sc import decorrelator, encoder, gate, synchroniser
from spikelock.models.sc import decorrelator as decorrelator_model
from spikelock.models.sc import encoder as encoder_model
from spikelock.models.sc import synchroniser as synchroniser_model
from spikelock.models.sc.correlation import scc
from spikelock.models.sc.gate import Gate
from spikelock.models.sc.quantise import unipolar
from spikelock.models.sc.synchroniser import Kind

from .plot import Axis, Plot
from .sc_measure import (
    NINE,
    PAIRS,
    SIGNED,
    SOURCES,
    Bits,
    Curve,
    draw,
    function_and_error,
    numbers,
    share,
    stream,
)


def encoders() -> Picture:
    """SCC of two streams of one source against what sets them apart."""
    width = 12
    p, q = (unipolar(values, width)[..., np.newaxis] for values in NINE)

    def correlation(source: str, rotation: int, delay: int) -> float:
        params = encoder_model.Params(width, False, (0, rotation), (0, delay))
        given = numbers(source, 0, width)
        a, b = (encoder.encode(params, lane, given, values) for lane, values in ((0, p), (1, q)))
        return float(np.mean(scc(a, b)))

    picture = Picture(
        960, 320, "sc.encoder: correlation of two streams of one source, by rotation and by delay"
    )
    for place, name, count in ((60, "rotation of one lane, bits", width), (560, "delay of one lane", 17)):
        step = 2 if count == width else 4
        plot = Plot(
            picture,
            place,
            40,
            270,
            220,
            Axis(name, range(0, count + 1, step)),
            Axis("mean SCC, 4096 bits", SIGNED),
        )
        ways = [(n, 0) if count == width else (0, n) for n in range(count)]
        draw(
            plot,
            [Curve(source, range(count), [correlation(source, *way) for way in ways]) for source in SOURCES],
        )
    return picture


def synchronisers() -> Picture:
    """SCC that is reached, and the larger of two values by OR."""
    depths = range(1, 17)
    x, y = (stream("LFSR", which, 10, values) for which, values in enumerate(NINE))

    def correlation(kind: Kind, depth: int) -> float:
        return float(np.mean(scc(*synchroniser.correlated(synchroniser_model.Params(kind, depth), x, y))))

    def maximum(source: str, width: int) -> tuple[ArrayLike, ArrayLike]:
        p, q = PAIRS
        a, b = stream(source, 0, width, p), stream(source, 1, width, q)
        a, b = synchroniser.correlated(synchroniser_model.Params(depth=4), a, b)
        return share(gate.combine(Gate.OR, a, b)), np.maximum(p, q)

    return function_and_error(
        "sc.synchroniser: correlation of independent streams by depth; mean error of the larger value by OR",
        Axis("depth", (0, 4, 8, 12, 16)),
        Axis("mean SCC, 1024 bits from LFSRs", SIGNED),
        [Curve(kind.value, depths, [correlation(kind, depth) for depth in depths]) for kind in Kind],
        maximum,
        "mean error of max(x, y), depth 4, OR",
    )


def decorrelators() -> Picture:
    """SCC that is left of streams of one source, and their product by AND."""
    depths = (1, 3, 7, 15, 31, 63)

    def shuffled(bits: Bits, depth: int, seed: int) -> Bits:
        addresses = np.random.default_rng(seed).integers(0, depth + 1, (bits.shape[-1],))
        return decorrelator.shuffled(decorrelator_model.Params(depth), bits, addresses)

    def correlation(source: str, depth: int) -> float:
        a, b = (stream(source, 0, 12, p) for p in NINE)
        return float(np.mean(scc(shuffled(a, depth, 1), shuffled(b, depth, 2))))

    def product(source: str, width: int) -> tuple[ArrayLike, ArrayLike]:
        p, q = PAIRS
        a, b = stream(source, 0, width, p), stream(source, 0, width, q)
        return share(gate.combine(Gate.AND, shuffled(a, 15, 1), shuffled(b, 15, 2))), p * q

    return function_and_error(
        "sc.decorrelator: correlation of streams of one source by depth; mean error of their product by AND",
        Axis("depth", (1, 10, 100), log=True),
        Axis("mean SCC, 4096 bits", SIGNED),
        [Curve(source, depths, [correlation(source, depth) for depth in depths]) for source in SOURCES],
        product,
        "mean error of x·y, depth 15, AND",
    )


FIGURES = {
    "sc-encoder.svg": encoders,
    "sc-synchroniser.svg": synchronisers,
    "sc-decorrelator.svg": decorrelators,
}
