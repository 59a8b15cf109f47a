"""The LIF: engine = reference in every mode, both = the published neuron, and what the engine refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.compare import first_divergence
from spikelock.models.core import run_reference
from spikelock.models.engine.neurons import lif as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Ints, Overflow, Q, Rounding
from spikelock.models.lfsr import LFSRS
from spikelock.models.neurons.lif import (
    COMPACT,
    CORE,
    COSTED,
    PUBLISHED,
    Params,
    ResetMode,
    inputs,
    outputs,
    registers,
)
from spikelock.models.ports import Records
from spikelock.testbenches import strategies
from spikelock.testbenches.pytest_plugin import Size

MODES = list(product(Rounding, Overflow, ResetMode))
modes = pytest.mark.parametrize(
    ("rounding", "overflow", "reset_mode"), MODES, ids=["-".join(mode.value for mode in row) for row in MODES]
)


def reference(params: Params, values: Mapping[str, int], transactions: Records) -> Records:
    """Output records of one neuron, by the specification."""
    configuration = CORE.configuration(params, values)
    return run_reference(CORE, params, configuration, {"input": transactions})[1]["output"]


# ---------------------------------------------------------------- engine = reference


@given(st.data(), strategies.lif_params())
def test_engine_equals_reference_on_any_neuron(data: st.DataObject, params: Params) -> None:
    values = data.draw(strategies.registers(CORE, params), "registers")
    transactions = data.draw(strategies.records(inputs(params)["input"]), "transactions")
    configuration = CORE.configuration(params, values)
    actual = engine.run(params, configuration, {"input": transactions})
    expected = reference(params, values, transactions)
    assert actual.keys() == {"output"}
    assert np.array_equal(actual["output"], expected)


@modes
def test_engine_equals_reference_over_many_neurons(
    rounding: Rounding, overflow: Overflow, reset_mode: ResetMode, size: Size
) -> None:
    """The same at volume: per mode several formats, many neurons with registers of their own; every corner
    must have been seen.
    """
    seed = MODES.index((rounding, overflow, reset_mode))
    random = np.random.default_rng(seed)
    reached: Counter[str] = Counter()
    for params in formats(random, size.pick(8, 100), rounding, overflow, reset_mode):
        values, transactions = stimulus(params, random, steps=60, neurons=size.pick(16, 64))
        expected = references(params, values, transactions)
        actual = engine.run_many(params, values, transactions)
        difference = first_divergence(expected.reshape(-1), actual.reshape(-1))
        assert difference is None, f"seed {seed}, {params}: {difference}"
        trapping = references(replace(params, overflow=Overflow.TRAP), values, transactions)
        reached += corners(values["refractory_period"], expected, trapping)
    print(f"seed {seed}: {dict(reached)}")
    assert reached.keys() == CORNERS, f"seed {seed}: never reached {CORNERS - reached.keys()}"


CORNERS = {"spike", "no spike", "refractory", "spike right after refractory", "overflow up", "overflow down"}


def references(params: Params, values: Mapping[str, Ints], transactions: Records) -> Records:
    """`reference` for each of many neurons: records of shape (steps, neurons)."""
    columns = [
        reference(params, {name: int(array[i]) for name, array in values.items()}, transactions[:, i])
        for i in range(transactions.shape[1])
    ]
    return np.stack(columns, axis=1)


def formats(
    random: np.random.Generator, count: int, rounding: Rounding, overflow: Overflow, reset_mode: ResetMode
) -> Iterator[Params]:
    """Some of the awkward widths, one after the other."""
    for _ in range(count):
        coefficient_width = int(random.choice(strategies.COEFFICIENT_WIDTHS[2:]))
        yield Params(
            width=int(random.choice((8, 12, 31, 32))),
            current_width=int(random.choice((8, 16, 32))),
            fraction=0,
            coefficient_width=coefficient_width,
            leak_fraction=min(16, coefficient_width - 1 - int(random.integers(3))),
            gain_fraction=min(16, coefficient_width - 1),
            noise=bool(random.integers(2)),
            rounding=rounding,
            overflow=overflow,
            reset_mode=reset_mode,
            random=str(random.choice(("fibonacci16_left", "fibonacci16_right"))),
            **strategies.ZEROS,
        )


def stimulus(
    params: Params, random: np.random.Generator, steps: int, neurons: int
) -> tuple[dict[str, Ints], Records]:
    """Registers, one of each per neuron, and input records of shape (steps, neurons)."""

    def draw(q: Q, shape: Any) -> Ints:
        """Uniform over the format, or over a small part of it around 0."""
        small = random.integers(0, q.width, shape)
        values: Ints = random.integers(q.minimum, q.maximum, shape, endpoint=True) >> small
        return values

    values = {name: draw(register.q, neurons) for name, register in registers(params).items()}
    values["refractory_period"] = random.integers(0, 4, neurons)
    port = inputs(params)["input"]
    transactions = np.zeros((steps, neurons), port.dtype)
    for name, q in port.fields.items():
        transactions[name] = draw(q, (steps, neurons))
    return values, transactions


def corners(period: Ints, out: Records, trapping: Records) -> Counter[str]:
    """How often the corners are in an output of shape (steps, neurons).

    trapping: the output of the same neurons with overflow flags. (With wrapping neurons it is the same up to
    the first flag of each, which is enough to count at least one.)
    """
    spike, overflow = out["spike"] == 1, trapping["overflow"] == 1
    gaps = [(np.diff(np.flatnonzero(spike[:, i])), period[i] + 1) for i in range(spike.shape[1])]
    return +Counter(
        {
            "spike": int(spike.sum()),
            "no spike": int((~spike).sum()),
            "refractory": int((spike & (period > 0)).sum()),
            "spike right after refractory": sum(
                int(np.sum(gap == least)) for gap, least in gaps if least > 1
            ),
            "overflow up": int((overflow & (trapping["spike"] == 1)).sum()),
            "overflow down": int((overflow & (trapping["spike"] == 0)).sum()),
        }
    )


# ---------------------------------------------------------------- constants


@pytest.mark.parametrize("name", [name for name, params in COSTED.items() if params.constants])
def test_a_neuron_with_constants_is_one_whose_registers_stay_at_their_reset_values(name: str) -> None:
    constant = COSTED[name]
    configurable = replace(constant, constants=False)
    random = np.random.default_rng(5)
    columns = {
        field: random.integers(q.minimum >> 4, q.maximum >> 4, 500)
        for field, q in inputs(constant)["input"].fields.items()
    }
    transactions = inputs(constant)["input"].records(**columns)
    assert (
        first_divergence(reference(configurable, {}, transactions), reference(constant, {}, transactions))
        is None
    )
    assert len(np.unique(reference(constant, {}, transactions)["spike"])) == 2


def test_constants_are_no_registers() -> None:
    assert registers(COMPACT) == {}
    assert "registers" not in CORE.pins(COMPACT)
    assert CORE.configuration(COMPACT).registers == {}
    with pytest.raises(BadInput, match="has no register 'rest'; it has: none"):
        CORE.configuration(COMPACT, {"rest": 3})
    with pytest.raises(RangeError, match="reset value 40000 does not fit"):
        replace(COMPACT, threshold=40_000)


@pytest.mark.parametrize(("period", "bits"), [(0, 0), (1, 1), (3, 2), (4, 3), (255, 8)])
def test_the_counter_is_as_long_as_a_constant_period_needs(period: int, bits: int) -> None:
    assert replace(COMPACT, refractory_period=period).counter_width == bits
    assert Params(refractory_period=period).counter_width == 8


# ---------------------------------------------------------------- the published neuron


def published(
    width: int, fraction: int, value: Mapping[str, int], transactions: Records
) -> list[tuple[int, int]]:
    """The LIF of SC-NeuroCore 3.16.0 as its Verilog source describes it: spike and potential after each
    clock.

    Products are 2·width bits wide and shifted arithmetically; the sum keeps its low `width` bits; the
    potential is at rest after reset. Written for this test, without fixed.py.
    """
    v, counter, out = value["rest"], 0, []
    for current, noise in transactions.tolist():
        if counter > 0:
            counter, v, spike = counter - 1, value["rest"], 0
        else:
            dv_leak = ((value["rest"] - v) * value["leak"]) // 2**fraction
            dv_in = (current * value["gain"]) // 2**fraction
            v_next = (v + dv_leak + dv_in + noise) % 2**width
            if v_next >= 2 ** (width - 1):
                v_next -= 2**width
            spike = int(v_next >= value["threshold"])
            if spike:
                v, counter = value["reset"], value["refractory_period"]
            else:
                v = v_next
        out.append((spike, v))
    return out


@st.composite
def published_params(draw: st.DrawFn) -> Params:
    """The published parameters: one width and one fraction for everything."""
    width = draw(st.sampled_from((2, 8, 12, 16, 28)))
    fraction = draw(st.integers(0, width - 1))
    formats: dict[str, Any] = {
        "width": width,
        "fraction": fraction,
        "current_width": width,
        "coefficient_width": width,
        "leak_fraction": fraction,
        "gain_fraction": fraction,
    }
    blank = replace(PUBLISHED, **formats, **strategies.ZEROS)
    values: dict[str, Any] = draw(strategies.registers(CORE, blank))
    return replace(blank, **values)


@given(st.data(), published_params())
def test_published_semantics(data: st.DataObject, params: Params) -> None:
    transactions = data.draw(strategies.records(inputs(params)["input"]))
    values = {name: register.reset for name, register in registers(params).items()}
    expected = published(params.width, params.fraction, values, transactions)
    assert reference(params, values, transactions).tolist() == expected
    actual = engine.run(params, CORE.configuration(params), {"input": transactions})
    assert actual["output"].tolist() == expected


# What `sc_lif_neuron.v` of SC-NeuroCore 3.16.0 itself gave in Verilator 5.48: its parameters, then for each
# clock the current, the noise, the spike and the potential.
GOLDEN = {
    "its own defaults": (
        replace(PUBLISHED, leak=26, gain=256),
        [40, 0, 0, 150, 250, 40, 150, 150, -60, 250, 90, -60, 90, 0, 250, 0, 250, 150, -60, 150],
        [12, 0, -7, -7, -7, 0, 0, -7, 0, -7, 0, 0, 0, 0, 12, -7, 0, 0, 0, -7],
        [0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0],
        [52, 46, 34, 173, 0, 40, 185, 0, -60, 189, 0, -60, 36, 32, 0, -7, 243, 0, -60, 89],
    ),
    "rest, reset, refractory period": (
        replace(PUBLISHED, rest=-50, reset=20, threshold=300, refractory_period=2, leak=51, gain=300),
        [0, 0, 40, 90, 40, 0, 250, 150, 250, 90, 150, 90, 0, 150, 150, -60, -60, 40, 0, 90],
        [0, 0, 0, 12, 12, 12, 0, -7, 12, 12, 12, 0, 0, 0, -7, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        [-50, -50, -4, 103, 130, 106, 20, -50, -50, 67, 230, 279, 213, 20, -50, -50, -121, -61, -59, 47],
    ),
    "12 bits, wrapping": (
        replace(
            PUBLISHED,
            width=12,
            current_width=12,
            coefficient_width=12,
            fraction=5,
            leak_fraction=5,
            gain_fraction=5,
            rest=-100,
            reset=-2048,
            threshold=1500,
            refractory_period=1,
            leak=9,
            gain=70,
        ),
        [900, 300, -500, -500, -2048, -500, 900, -500, -2048, 900, -500, 2047, 900, 300, 300, -500],
        [2047, 100, 0, 0, -2048, 2047, 100, 100, 2047, 2047, 100, 0, 0, 0, 100, 100],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        [-181, 597, -694, -1621, 470, 1262, -1150, -1849, 305, 110, -944, -326, -2048, -100, 656, -551],
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_vectors_of_the_published_neuron(name: str) -> None:
    params, current, noise, spike, membrane = GOLDEN[name]
    transactions = inputs(params)["input"].records(current, noise)
    expected = outputs(params)["output"].records(spike, membrane)
    assert first_divergence(expected, reference(params, {}, transactions)) is None
    actual = engine.run(params, CORE.configuration(params), {"input": transactions})["output"]
    assert first_divergence(expected, actual) is None

    wrong = expected.copy()
    wrong["spike"][13] ^= 1
    found = first_divergence(wrong, actual)
    assert found is not None
    assert (found.index, found.fields) == (13, ("spike",))


# ---------------------------------------------------------------- the checks can fail


BREAKAGES: dict[str, tuple[str, Callable[..., Any]]] = {
    "shift": ("shift_right_array", lambda value, bits, rounding, random=None: (value >> bits) + (value < 0)),
    "fit": ("fit_array", lambda value, q, overflow: np.clip(value, q.minimum, q.maximum - 1)),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_engine_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, wrong = BREAKAGES[name]
    monkeypatch.setattr(engine, target, wrong)
    with pytest.raises(AssertionError, match="transaction"):
        test_engine_equals_reference_over_many_neurons(
            Rounding.NEAREST_EVEN, Overflow.SATURATE, ResetMode.SUBTRACT, Size.SHORT
        )


# ---------------------------------------------------------------- what the engine refuses


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"width": 34, "coefficient_width": 32, "leak": 2**31 - 1}, r"\(rest − v\)·leak"),
        ({"width": 64}, "rest − v"),
        ({"current_width": 64, "gain": 2}, "current·gain"),
        ({"width": 63, "leak": 1, "leak_fraction": 0}, r"v \+ leak"),
        ({"coefficient_width": 64, "leak_fraction": 64}, "at most 63 bits"),
        ({"refractory_width": 64, "refractory_period": 2**63}, "refractory_period"),
        ({"width": 63, "leak": 0, "noise": True}, "noise"),
        ({"width": 63, "leak": 0, "current_width": 64, "gain": 1, "gain_fraction": 0}, "input"),
        ({"width": 64, "rest": -1, "leak": 0, "gain": 0, "reset_mode": ResetMode.SUBTRACT}, "v − threshold"),
    ],
)
def test_ranges_beyond_int64_are_refused_when_the_engine_is_made(change: dict[str, Any], what: str) -> None:
    params = replace(Params(), **change)
    with pytest.raises(RangeError, match=what):
        engine.LIF(params, CORE.configuration(params).registers, (1,), initial=0)


def test_what_the_engine_accepts_it_computes_exactly() -> None:
    """Formats whose intermediate results just fit int64, or not: refused, or equal to the reference."""
    outcomes: Counter[str] = Counter()

    @given(st.data(), st.integers(4, 34), st.integers(-2, 2), st.integers(-2, 2))
    def check(data: st.DataObject, coefficient_width: int, more: int, more_current: int) -> None:
        params = data.draw(
            strategies.lif_params(
                coefficient_width=coefficient_width,
                width=64 - coefficient_width + more,
                current_width=64 - coefficient_width + more_current,
                fraction=0,
                leak_fraction=data.draw(st.integers(0, min(3, coefficient_width))),
                gain_fraction=data.draw(st.integers(0, min(3, coefficient_width))),
            )
        )
        values = data.draw(strategies.registers(CORE, params))
        transactions = data.draw(strategies.records(inputs(params)["input"], 10))
        configuration = CORE.configuration(params, values)
        try:
            actual = engine.run(params, configuration, {"input": transactions})["output"]
        except RangeError:
            outcomes["refused"] += 1
            return
        assert np.array_equal(actual, reference(params, values, transactions))
        outcomes["computed"] += 1

    check()
    print(dict(outcomes))
    assert outcomes.keys() == {"refused", "computed"}, outcomes


def test_registers_outside_their_format_are_refused() -> None:
    params = Params()
    values = CORE.configuration(params).registers
    for name, wrong in (
        ("rest", 1 << 15),
        ("reset", np.array([0, -(1 << 15) - 1])),
        ("refractory_period", -1),
    ):
        with pytest.raises(RangeError, match=f"{name} = .* does not fit"):
            engine.LIF(params, {**values, name: wrong}, (2,), initial=0)


def test_wide_formats_work_where_the_registers_leave_room() -> None:
    params = Params(width=32, coefficient_width=32, current_width=32, leak=3, gain=5, threshold=2**31 - 1)
    transactions = inputs(params)["input"].records([2**31 - 1, -(2**31), 2**31 - 1])
    actual = engine.run(params, CORE.configuration(params), {"input": transactions})["output"]
    assert np.array_equal(actual, reference(params, {}, transactions))


def test_inputs_outside_their_format_are_refused() -> None:
    params = replace(PUBLISHED, current_width=8)
    neurons = engine.LIF(params, CORE.configuration(params).registers, (2,), initial=0)
    good, wide = np.array([0, 127]), np.array([0, 128])
    assert neurons.step(good, good).tolist() == [False, False]
    with pytest.raises(RangeError, match="current = 128"):
        neurons.step(wide, good)
    with pytest.raises(RangeError, match="noise = -32769"):
        neurons.step(good, np.array([0, -32769]))
    with pytest.raises(BadInput, match="noise was not given"):
        neurons.step(good)


def test_random_states_go_on_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = LFSRS["fibonacci16_left"]
    monkeypatch.setattr(engine.RandomStates, "BLOCK", 7)
    states = engine.RandomStates(generator, 0xACE1)
    expected = 0xACE1
    for count in (3, 2, 2, 5, 1, 9, 7, 14):
        taken = states.take(count)
        assert len(taken) == count
        for state in taken.tolist():
            assert state == expected
            expected = generator.next(expected)
