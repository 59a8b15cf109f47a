"""Pictures of stochastic arithmetic: what each core should give, and what its engine gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spikelock.cli.svg import Picture
from spikelock.models.engine.sc import (
    divider,
    gate,
    parallel_counter,
    rectifier,
    square_root,
    state_machine,
    up_down_counter,
)
from spikelock.models.sc import divider as divider_model
from spikelock.models.sc import rectifier as rectifier_model
from spikelock.models.sc import square_root as square_root_model
from spikelock.models.sc import state_machine as state_machine_model
from spikelock.models.sc import up_down_counter as up_down_counter_model
from spikelock.models.sc.gate import Gate
from spikelock.models.sc.state_machine import Function

from .plot import Axis
from .sc_measure import (
    FINE,
    FINE_SIGNED,
    PAIRS,
    SHARE,
    SIGNED,
    SIXTEENTHS,
    VALUES,
    Bits,
    Curve,
    Floats,
    function_and_error,
    numbers,
    share,
    stream,
)


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


def dividers() -> Picture:
    """Quotients of streams of one source."""
    divisors = (1, 0.75, 0.5)

    def quotients(source: str, width: int, p: ArrayLike, q: ArrayLike) -> Floats:
        x, y = np.broadcast_arrays(stream(source, 0, width, p), stream(source, 0, width, q))
        address = np.random.default_rng(1).integers(0, 16, (x.shape[-1],))
        return share(divider.divided(divider_model.Params(16), x, y, address))

    def error(source: str, width: int) -> tuple[ArrayLike, ArrayLike]:
        p, q = (values[PAIRS[0] <= PAIRS[1]] for values in PAIRS)
        return quotients(source, width, p, q), p / q

    curves = []
    for q in divisors:
        p, fine = q * SIXTEENTHS, q * FINE
        curves.append(Curve(f"p_y = {q}", p, quotients("LFSR", 10, p, q), fine, fine / q))
    return function_and_error(
        "sc.divider: quotients of 1024 bits of one LFSR, depth 16; mean error of quotients",
        Axis("p_x", SHARE),
        Axis("quotient, 1024 bits of one LFSR", SHARE),
        curves,
        error,
        "mean error of p_x / p_y, depth 16",
    )


def square_roots() -> Picture:
    """Roots, of streams and feedback from two sources of one kind."""

    def roots(source: str, width: int, p: ArrayLike, bits: int = 6) -> Floats:
        given, top = numbers(source, 1, width), (1 << bits) - 1
        feedback = given >> (width - bits) if width >= bits else given << (bits - width) & top
        return share(square_root.root(square_root_model.Params(bits), stream(source, 0, width, p), feedback))

    return function_and_error(
        "sc.square_root: roots of 4096 independent bits, width 6; mean error of roots",
        Axis("p", SHARE),
        Axis("root, 4096 independent bits", SHARE),
        [Curve("width 6", SIXTEENTHS, roots("random", 12, SIXTEENTHS), FINE, np.sqrt(FINE))],
        lambda source, width: (roots(source, width, VALUES), np.sqrt(VALUES)),
        "mean error of the root, width 6",
    )


def rectifiers() -> Picture:
    """Rectified bipolar streams."""
    signed = 2 * SIXTEENTHS - 1

    def rectified(source: str, width: int, p: ArrayLike, depth: int) -> Floats:
        bits = rectifier.rectified(rectifier_model.Params(depth), stream(source, 0, width, p))
        return 2 * share(bits) - 1

    return function_and_error(
        "sc.rectifier: rectified streams of 1024 independent bits; mean error of the rectified value",
        Axis("x, bipolar", SIGNED),
        Axis("value, 1024 independent bits", SIGNED),
        [
            Curve(
                f"depth {depth}",
                signed,
                rectified("random", 10, SIXTEENTHS, depth),
                FINE_SIGNED,
                np.maximum(FINE_SIGNED, 0),
            )
            for depth in (3, 6)
        ],
        lambda source, width: (
            rectified(source, width, VALUES, 6),
            np.maximum(2 * VALUES - 1, 0),
        ),
        "mean error of max(x, 0), depth 6",
    )


def up_down_counters() -> Picture:
    """Integrals of differences."""

    def difference(source: str, width: int, p: ArrayLike, q: ArrayLike, bits: int = 16) -> Floats:
        up, down = np.broadcast_arrays(stream(source, 0, width, p), stream(source, 1, width, q))
        counts = up_down_counter.counts(up_down_counter_model.Params(bits), up, down)[..., -1]
        shares: Floats = counts / (1 << width)
        return shares

    def error(source: str, width: int) -> tuple[ArrayLike, ArrayLike]:
        p, q = PAIRS
        return difference(source, width, p, q), p - q

    return function_and_error(
        "sc.up_down_counter: counts of 256 bits from LFSRs, as a share; mean error of a difference",
        Axis("p_up, with p_down = 1/2", SHARE),
        Axis("count / 256, 256 bits from LFSRs", SIGNED),
        [
            Curve("10 bits", SIXTEENTHS, difference("LFSR", 8, SIXTEENTHS, 0.5, 10), FINE, FINE - 0.5),
            Curve(
                "7 bits",
                SIXTEENTHS,
                difference("LFSR", 8, SIXTEENTHS, 0.5, 7),
                FINE,
                np.clip(FINE - 0.5, -1 / 4, 63 / 256),
            ),
        ],
        error,
        "mean error of p_up − p_down",
    )


def parallel_counters() -> Picture:
    """One stream, counted over a window."""

    def estimate(source: str, width: int, p: ArrayLike) -> Floats:
        bits = stream(source, 0, width, p)
        last = np.zeros(bits.shape, np.bool_)
        last[..., -1] = True
        counts: Floats = parallel_counter.windows(bits.reshape(-1), last.reshape(-1)) / (1 << width)
        return counts

    return function_and_error(
        "sc.parallel_counter: one stream over a window of 64 bits; mean error of its value",
        Axis("p", SHARE),
        Axis("count / 64, one stream", SHARE),
        [
            Curve(source, SIXTEENTHS, estimate(source, 6, SIXTEENTHS), FINE, FINE)
            for source in ("LFSR", "random")
        ],
        lambda source, width: (estimate(source, width, VALUES), VALUES),
        "mean error of the value of a stream",
    )


FIGURES = {
    "sc-gate.svg": gates,
    "sc-state-machine.svg": state_machines,
    "sc-divider.svg": dividers,
    "sc-square-root.svg": square_roots,
    "sc-rectifier.svg": rectifiers,
    "sc-up-down-counter.svg": up_down_counters,
    "sc-parallel-counter.svg": parallel_counters,
}
