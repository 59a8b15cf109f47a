"""Pictures of stochastic arithmetic: what each core should give, and what its engine gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.engine.sc import decorrelator, encoder, gate, state_machine, synchroniser
from spikelock.models.sc import decorrelator as decorrelator_model
from spikelock.models.sc import encoder as encoder_model
from spikelock.models.sc import state_machine as state_machine_model
from spikelock.models.sc import synchroniser as synchroniser_model
from spikelock.models.sc.correlation import scc
from spikelock.models.sc.gate import Gate
from spikelock.models.sc.quantise import unipolar
from spikelock.models.sc.state_machine import Function
from spikelock.models.sc.synchroniser import Kind

from .plot import Axis, Plot
from .sc_measure import (
    PAIRS,
    SIXTEENTHS,
    SOURCES,
    VALUES,
    Bits,
    Curve,
    Floats,
    draw,
    function_and_error,
    numbers,
    stream,
)
from .svg import Picture

SHARE = (0, 0.25, 0.5, 0.75, 1)
SIGNED = (-1, -0.5, 0, 0.5, 1)
NINE = tuple(np.meshgrid((0.2, 0.5, 0.7), (0.2, 0.5, 0.7)))
"""Pairs of values for a mean correlation."""

FINE = np.linspace(0, 1, 81)
FINE_SIGNED = np.linspace(-1, 1, 81)


def share(bits: NDArray[Any]) -> Floats:
    """Ones of each stream, over its length."""
    shares: Floats = bits.mean(axis=-1)
    return shares


def gates() -> Picture:
    """Gates of two streams, one of them of value 1/2."""

    def one(of: Gate, b: Bits) -> Floats:
        a, select = stream("LFSR", 0, 8, SIXTEENTHS), stream("LFSR", 2, 8, 0.5)
        return share(gate.combine(of, a, b, select) & 1)

    def product(source: str, width: int) -> tuple[ArrayLike, ArrayLike]:
        p, q = PAIRS
        both = gate.combine(Gate.AND, stream(source, 0, width, p), stream(source, 1, width, q))
        return share(both), p * q

    independent, same = stream("LFSR", 1, 8, 0.5), stream("LFSR", 0, 8, 0.5)
    half = np.full_like(FINE, 0.5)
    return function_and_error(
        "sc.gate: gates of 256 bits from LFSRs, with b = 1/2; mean error of the product by AND",
        Axis("p_a", SHARE),
        Axis("share of ones, 256 bits from LFSRs", SHARE),
        [
            Curve("and", SIXTEENTHS, one(Gate.AND, independent), FINE, FINE * half),
            Curve("or", SIXTEENTHS, one(Gate.OR, independent), FINE, FINE + half - FINE * half),
            Curve("xor", SIXTEENTHS, one(Gate.XOR, same), FINE, np.abs(FINE - half)),
            Curve("mux", SIXTEENTHS, one(Gate.MUX, independent), FINE, (FINE + half) / 2),
        ],
        product,
        "mean error of a product by AND",
    )


def state_machines() -> Picture:
    """Functions of a bipolar stream by eight states, and the exponential by 16."""
    signed = 2 * SIXTEENTHS - 1
    machine = state_machine_model.Params(Function.TANH, 8)
    exponential = state_machine_model.Params(Function.EXPONENTIAL, 16, 2)

    def tanh(source: str, width: int) -> tuple[ArrayLike, ArrayLike]:
        return bipolar(machine, stream(source, 0, width, VALUES)), np.tanh(8 * VALUES - 4)

    def bipolar(params: state_machine_model.Params, bits: Bits) -> Floats:
        return 2 * ones(params, bits) - 1

    def ones(params: state_machine_model.Params, bits: Bits) -> Floats:
        first, last = params.ones
        state = state_machine.states(params, bits)
        return share((state >= first) & (state <= last))

    bits = stream("random", 0, 12, SIXTEENTHS)
    return function_and_error(
        "sc.state_machine: functions of 4096 independent bits; mean error of tanh with 8 states",
        Axis("x, bipolar", SIGNED),
        Axis("value, 4096 independent bits", SIGNED),
        [
            Curve("tanh, 8 states", signed, bipolar(machine, bits), FINE_SIGNED, np.tanh(4 * FINE_SIGNED)),
            Curve("exp, 16 states", signed[8:], ones(exponential, bits[8:]), FINE, np.exp(-4 * FINE)),
        ],
        tanh,
        "mean error of tanh, 8 states",
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
    "sc-gate.svg": gates,
    "sc-state-machine.svg": state_machines,
    "sc-encoder.svg": encoders,
    "sc-synchroniser.svg": synchronisers,
    "sc-decorrelator.svg": decorrelators,
}
