"""Bench of `neurons.lif`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.fixed import Overflow, Q, Rounding
from spikelock.models.neurons.lif import COMPACT, CORE, PUBLISHED, Params, ResetMode
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.neurons.lif_bugs import BUGS
from spikelock.testbenches.neurons.settings import lif_settings
from spikelock.testbenches.waivers import Waiver


def drive(params: Params, configuration: Configuration) -> Stimulus:
    """Inputs in bursts: long drives to either end of the range, silence, small values, anything, and, right
    after a spike, currents that bring the potential to the threshold or just beside it.
    """
    port = CORE.inputs(params)["input"]
    value = configuration.registers or vars(params)
    start = (
        value["rest"]
        if value["refractory_period"] or params.reset_mode is ResetMode.SUBTRACT
        else value["reset"]
    )
    leaked = (value["rest"] - start) * value["leak"] / 2**params.leak_fraction
    needed = (value["threshold"] - start - leaked) * 2**params.gain_fraction
    meets = round(needed / value["gain"]) if value["gain"] else 0

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        columns = {}
        for name, q in port.fields.items():
            top, bottom, still = (q.maximum, q.maximum), (q.minimum, q.minimum), (0, 0)
            spans = [top, bottom, still, (-9, 9), (q.minimum, q.maximum), (meets - 1, meets + 1)]
            parts: list[NDArray[Any]] = []
            while sum(map(len, parts)) < size:
                low, high = spans[len(parts)] if len(parts) < len(spans) else random.choice(spans)
                parts.append(random.integers(low, high, random.integers(1, 12), endpoint=True))
            columns[name] = np.clip(np.concatenate(parts)[:size], q.minimum, q.maximum)
        return {"input": port.records(**columns)}

    return stimulus


def case(name: str, params: Params, **registers: int) -> Case:
    """A case whose parameters are also the reset values of its registers, some of them changed."""
    return Case(name, params, drive(params, CORE.configuration(params, registers)), registers)


LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
DEFAULT = Params()
SUBTRACT = Params(
    reset_mode=ResetMode.SUBTRACT, rounding=Rounding.NEAREST_EVEN, refractory_width=2, leak=64, threshold=3000
)
TRAP = Params(
    width=8,
    fraction=4,
    current_width=9,
    refractory_width=2,
    reset_mode=ResetMode.SUBTRACT,
    rounding=Rounding.NEAREST_AWAY,
    overflow=Overflow.TRAP,
    threshold=40,
    leak=64,
)
STOCHASTIC = Params(rounding=Rounding.STOCHASTIC, random="fibonacci16_right", seed=0xBEEF, noise=True)
NARROW = Params(
    width=3,
    fraction=1,
    current_width=2,
    coefficient_width=2,
    leak_fraction=1,
    gain_fraction=0,
    refractory_width=1,
    threshold=1,
    leak=1,
    gain=1,
    refractory_period=1,
)
WIDE = Params(
    width=32,
    fraction=16,
    current_width=32,
    coefficient_width=27,
    leak_fraction=20,
    gain_fraction=18,
    threshold=1 << 30,
    gain=1 << 18,
)
CONSTANTS = Params(
    constants=True, noise=True, rest=120, reset=-250, threshold=1100, leak=39, gain=-77, refractory_period=1
)

CASES = [
    case("default", DEFAULT),
    case("rest-and-reset", DEFAULT, rest=-700, reset=-1500, threshold=900, refractory_period=1),
    case("threshold-lowest", DEFAULT, threshold=LOWEST, reset=77, refractory_period=1),
    case("threshold-highest", DEFAULT, threshold=HIGHEST, refractory_period=1),
    case("negative-coefficients", DEFAULT, leak=-40, gain=-300, rest=5, reset=90, threshold=2000),
    case("no-coefficients", PUBLISHED, leak=0, gain=0),
    case("published", PUBLISHED, rest=-30, reset=20, threshold=LOWEST // 2, refractory_period=2),
    case("subtract", SUBTRACT, refractory_period=3),
    case("subtract-threshold-lowest", SUBTRACT, threshold=LOWEST, refractory_period=1),
    case("trap", TRAP, refractory_period=1),
    case("trap-threshold-lowest", TRAP, threshold=-128, refractory_period=1),
    case("stochastic", STOCHASTIC, threshold=2000, refractory_period=1),
    case("narrow", NARROW),
    case("wide", WIDE),
    case("compact", COMPACT),
    case("constants", CONSTANTS),
    case("constants-never-refractory", replace(COMPACT, refractory_period=0)),
    case("constants-threshold-lowest", replace(CONSTANTS, threshold=LOWEST)),
    case("constants-subtract", replace(SUBTRACT, constants=True, rest=-90, leak=-7, refractory_period=1)),
]
"""Parameters of the same value share one build of the hardware."""


def cases_for(params: Params) -> list[Case]:
    """These parameters as they are, and with other values of what a host may set, or of the constants."""
    q = params.membrane
    longest = (1 << params.refractory_width) - 1
    variants: dict[str, dict[str, int]] = {
        "as-stated": {},
        "other-rest-and-reset": {
            "rest": q.minimum // 50,
            "reset": q.minimum // 20,
            "threshold": q.maximum // 36,
            "refractory_period": 1,
        },
        "never-refractory": {"refractory_period": 0},
        "refractory-twice": {"refractory_period": min(2, longest)},
        "threshold-low": {"threshold": q.minimum // 2, "refractory_period": min(2, longest)},
        "negative": {"leak": -params.leak, "gain": -params.gain},
    }
    if params.overflow is not Overflow.WRAP:
        variants["threshold-at-the-end"] = {"threshold": q.maximum, "refractory_period": 1}
    return [_variant(name, params, values) for name, values in variants.items()]


def _variant(name: str, params: Params, values: Mapping[str, Any]) -> Case:
    return case(name, replace(params, **values)) if params.constants else case(name, params, **values)


LONG_AGO = -(1 << 40)


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a step: what went in and out, and what can be told of the inside without the equation's
    rounding.

    before: the membrane potential of the step before. phase: steps since the last spike, less the refractory
    period; at 0 and below the neuron is refractory. beyond: 1 where the exact potential is above the format,
    −1 below.
    """
    value, q = configuration.registers or vars(params), params.membrane
    spike, membrane = outputs["output"]["spike"], outputs["output"]["membrane"]
    current = inputs["input"]["current"]
    noise = inputs["input"]["noise"] if params.noise else np.zeros_like(current)
    ends = CORE.inputs(params)["input"].fields["current"]
    before = np.concatenate([[params.rest], membrane[:-1]])
    steps = np.arange(len(spike))
    last_spike = np.maximum.accumulate(np.where(spike == 1, steps, LONG_AGO))
    since = steps - np.concatenate([[LONG_AGO], last_spike[:-1]])
    leak = (value["rest"] - before) * value["leak"]
    dropped = leak % (1 << params.leak_fraction)
    gained = current * value["gain"]
    inexact = (dropped != 0) | (gained % (1 << params.gain_fraction) != 0)
    exact = before + leak / 2.0**params.leak_fraction + gained / 2.0**params.gain_fraction + noise

    def everywhere(number: int) -> NDArray[np.int64]:
        return np.full(len(spike), number)

    return {
        "current": np.sign(current) + _which_end(current, ends),
        "noise": np.sign(noise),
        "spike": spike,
        "membrane": membrane,
        "extreme": _which_end(membrane, q),
        "before": np.sign(before - value["rest"]),
        "phase": since - value["refractory_period"],
        "beyond": np.where(exact > q.maximum + 2, 1, np.where(exact < q.minimum - 2, -1, 0)),
        "tie": (dropped * 2 == 1 << params.leak_fraction).astype(np.int64),
        "inexact": (dropped != 0).astype(np.int64),
        "distance": np.where(inexact, 3, np.clip(exact - value["threshold"], -2, 2)),
        "flag": outputs["output"]["overflow"] if params.overflow is Overflow.TRAP else everywhere(-1),
        "leak": everywhere(np.sign(value["leak"])),
        "gain": everywhere(np.sign(value["gain"])),
        "threshold": _which_end(everywhere(value["threshold"]), q),
        "period": everywhere(min(value["refractory_period"], 2)),
        "longest": everywhere(int(value["refractory_period"] == (1 << params.refractory_width) - 1)),
        "reset": everywhere(list(ResetMode).index(params.reset_mode)),
        "rounding": everywhere(list(Rounding).index(params.rounding)),
        "overflow": everywhere(list(Overflow).index(params.overflow)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    spike = Point("spike", {"silent": lambda t: t["spike"] == 0, "fires": lambda t: t["spike"] == 1})
    free = Point("state", {"free": lambda t: t["phase"] > 0, "refractory": lambda t: t["phase"] <= 0})
    reset = Point("reset", {m.value: lambda t, i=i: t["reset"] == i for i, m in enumerate(ResetMode)})
    rounding = Point("rounding", {m.value: lambda t, i=i: t["rounding"] == i for i, m in enumerate(Rounding)})
    overflow = Point("overflow", {m.value: lambda t, i=i: t["overflow"] == i for i, m in enumerate(Overflow)})
    beyond = Point(
        "potential",
        {
            "above the format": lambda t: (t["beyond"] == 1) & (t["phase"] > 0),
            "inside": lambda t: (t["beyond"] == 0) & (t["phase"] > 0),
            "below the format": lambda t: (t["beyond"] == -1) & (t["phase"] > 0),
        },
    )
    near = Point(
        "potential less threshold",
        {str(n): lambda t, n=n: (t["distance"] == n) & (t["phase"] > 0) for n in (-1, 0, 1)},
    )
    period = Point(
        "period",
        {
            "none": lambda t: t["period"] == 0,
            "one": lambda t: t["period"] == 1,
            "longer": lambda t: t["period"] == 2,
            "longest": lambda t: t["longest"] == 1,
        },
    )
    return CoverGroup(
        "neurons.lif",
        [
            cross(spike, free, impossible={("fires", "refractory"): "a refractory neuron does not fire"}),
            cross(reset, spike),
            cross(rounding, spike),
            cross(rounding, Point("product", {"exact": _is("inexact", 0), "inexact": _is("inexact", 1)})),
            cross(overflow, beyond),
            cross(reset, near),
            cross(
                period,
                Point(
                    "moment",
                    {
                        "last refractory step": _is("phase", 0),
                        "first free step": _is("phase", 1),
                        "fires in the first free step": lambda t: (t["phase"] == 1) & (t["spike"] == 1),
                    },
                ),
                impossible={("none", "last refractory step"): "there is none"},
            ),
            cross(
                Point("threshold", {"lowest": _is("threshold", -1), "highest": _is("threshold", 1)}),
                spike,
            ),
            cross(
                values("leak", "leak", -1, 0, 1),
                Point("side", {"below rest": _is("before", -1), "above rest": _is("before", 1)}),
            ),
            values("gain", "gain", -1, 0, 1),
            values("current", "current", -2, -1, 0, 1, 2),
            values("noise", "noise", -1, 0, 1),
            values("membrane at the end", "extreme", -1, 0, 1),
            cross(values("flag", "flag", 0, 1), spike),
            cross(
                Point(
                    "nearest", {"even": lambda t: t["rounding"] == 1, "away": lambda t: t["rounding"] == 2}
                ),
                values("tie", "tie", 0, 1),
                values("sign", "before", -1, 1),
            ),
        ],
    )


def _which_end(values: NDArray[Any], q: Q) -> NDArray[np.int64]:
    """−1 at the lowest value of a format, 1 at the highest, 0 between."""
    return (values == q.maximum).astype(np.int64) - (values == q.minimum)


def _is(column: str, value: int) -> Any:
    return lambda columns: columns[column] == value


CODE_WAIVERS = [
    Waiver(
        "line: if ($ ) begin",
        "the refractory branch of a neuron whose constant period is 0: there it is an `if` of the constant 0",
        "Spikelock",
        date(2026, 11, 21),
    )
]

BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    settings=lif_settings,
    cases_for=cases_for,
    alarms={"output": {"overflow": 1}},
    bugs=BUGS,
    code_waivers=CODE_WAIVERS,
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
