"""What a model does with its ports: any width, any number, stalls, levels, probes, several clocks, waves."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Assert, Module, Signal
from amaranth.lib import fifo, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.errors import BadInput, MissingTool, RangeError, SpikelockError
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Port, Records
from spikelock.rtl.ports import carried
from spikelock.testbenches.coverage_data import Coverage, merge, read_coverage
from spikelock.testbenches.lockstep import (
    HEAVY,
    LIGHT,
    NONE,
    PRESETS,
    Clock,
    Job,
    Model,
    Stall,
    build,
    build_verilog,
    run_many,
)
from spikelock.testbenches.lockstep.stalls import pattern, port_seed

NARROW = Port({"value": signed(8)})
SHAPES = {
    "bit": Port({"value": unsigned(1)}),
    "signed": Port({"value": signed(8)}),
    "full": Port({"value": unsigned(64)}),
    "fields": Port({"low": unsigned(3), "middle": signed(20), "high": unsigned(41)}),
    "wide": Port({"a": signed(30), "b": unsigned(64), "c": unsigned(1), "d": signed(64), "e": signed(17)}),
    "empty": Port({}),
}


class Wires(wiring.Component):
    """Each input stream goes through a two-entry FIFO to the output of the same name."""

    def __init__(self, shapes: Mapping[str, Port]) -> None:
        self.shapes = shapes
        super().__init__(
            {f"{name}_in": In(carried(port)) for name, port in shapes.items()}
            | {f"{name}_out": Out(carried(port)) for name, port in shapes.items()}
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        for name, port in self.shapes.items():
            source, sink = getattr(self, f"{name}_in"), getattr(self, f"{name}_out")
            m.submodules[name] = queue = fifo.SyncFIFO(width=max(1, port.width), depth=2)
            m.d.comb += [
                queue.w_data.eq(source.payload),
                queue.w_en.eq(source.valid),
                source.ready.eq(queue.w_rdy),
                sink.payload.eq(queue.r_data),
                sink.valid.eq(queue.r_rdy),
                queue.r_en.eq(sink.ready),
            ]
        return m


def random_records(port: Port, count: int, seed: int) -> Records:
    """Records over the whole range of each field, its ends more often than not."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name, q in port.fields.items():
        dtype = port.dtype[name]
        column = rng.integers(q.minimum, q.maximum, count, dtype=dtype, endpoint=True)
        ends = np.array([q.minimum, q.maximum, 0], dtype)
        columns[name] = np.where(rng.random(count) < 0.3, rng.choice(ends, count), column)
    return port.records(**columns) if columns else np.zeros(count, port.dtype)


@pytest.mark.parametrize("stalls", PRESETS.values(), ids=PRESETS)
def test_every_width_passes_unchanged(stalls: Stall) -> None:
    inputs = {f"{name}_in": port for name, port in SHAPES.items()}
    outputs = {f"{name}_out": port for name, port in SHAPES.items()}
    given = {f"{name}_in": random_records(port, 300, seed=1) for name, port in SHAPES.items()}
    expected = {f"{name}_out": given[f"{name}_in"] for name in SHAPES}
    with Model(build(Wires(SHAPES), inputs, outputs)) as model:
        response = model.run(Job(given, expected, stalls=stalls, seed=2))
        assert response.ok, response.problems
        response = model.run(Job(given, stalls=stalls, seed=2))
    for name, records in expected.items():
        assert response.outputs[name].tolist() == records.tolist()


class Echo(wiring.Component):
    """Passes its stream on at once; shows payload and valid of the input as levels; adds `offset`."""

    def __init__(self) -> None:
        super().__init__(
            {name: In(carried(port)) for name, port in ECHO_INPUTS.items()}
            | {name: Out(carried(port)) for name, port in ECHO_OUTPUTS.items()}
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.inner = inner = Module()
        count = Signal(8)
        inner.d.sync += count.eq(count + (self.input.valid & self.input.ready))
        m.d.comb += [
            self.output.payload.value.eq(self.input.payload.value + self.offset.value),
            self.output.valid.eq(self.input.valid),
            self.input.ready.eq(self.output.ready),
            self.seen.valid.eq(self.input.valid),
            self.seen.value.eq(self.input.payload.value),
        ]
        return m


ECHO_INPUTS = {"input": NARROW, "offset": replace(NARROW, kind="level")}
ECHO_OUTPUTS = {"output": NARROW, "seen": Port({"valid": unsigned(1), "value": signed(8)}, kind="level")}
ECHO_PROBES = {"count": "inner.count"}


def echo_model() -> Model:
    return Model(build(Echo(), ECHO_INPUTS, ECHO_OUTPUTS, probes=ECHO_PROBES))


def values(*numbers: int) -> Records:
    return NARROW.records(list(numbers))


LISTED = Stall(0.1, 0.5, cycles=(0, 1, 2, 40, 41, 43, 300))


@pytest.mark.parametrize("stalls", [*PRESETS.values(), LISTED], ids=[*PRESETS, "listed"])
def test_stalls_follow_the_stated_pattern(stalls: Stall) -> None:
    """An input is offered, and an output taken, at exactly the cycles that `pattern` leaves free."""
    count, seed = 200, 9
    given = {"input": np.zeros(count, NARROW.dtype)}
    held = {name: pattern(stalls, port_seed(seed, name)) for name in ("input", "output")}
    expected_cycles = []
    offered = waited = False
    for cycle, blocked_input, blocked_output in zip(itertools.count(), held["input"], held["output"]):
        offered = offered or not blocked_input
        ready = not blocked_output and (waited or not stalls.after_valid)
        waited = offered and not ready
        if offered and ready:
            expected_cycles.append(cycle)
            offered = False
        if len(expected_cycles) == count:
            break
    with echo_model() as model:
        job = Job(given, levels={"offset": {"value": 0}}, stalls=stalls, seed=seed, stamps=True)
        response = model.run(job)
    assert response.accepted_at["input"].tolist() == expected_cycles
    assert response.produced_at["output"].tolist() == expected_cycles


def test_levels_hold_and_change() -> None:
    with echo_model() as model:
        with pytest.raises(BadInput, match="have no value yet: offset"):
            model.run(Job({"input": values(1)}))
        response = model.run(Job({"input": values(1, 2)}, levels={"offset": {"value": 5}}))
        assert response.outputs["output"]["value"].tolist() == [6, 7]
        response = model.run(Job({"input": values(3)}))
        assert response.outputs["output"]["value"].tolist() == [8]
        response = model.run(Job({"input": values(0, 0, 0, 0)}, levels={"offset": values(1, -2, 3)}))
        assert response.outputs["output"]["value"].tolist() == [1, -2, 3, 3]


def test_levels_and_probes_are_watched() -> None:
    with echo_model() as model:
        job = Job({"input": values(10, -20, 30)}, levels={"offset": {"value": 0}}, watch=True, drain=3)
        response = model.run(job)
    assert response.levels["count"]["value"].tolist() == [0, 1, 2, 3, 3, 3]
    assert response.levels["seen"]["valid"].tolist() == [1, 1, 1, 0, 0, 0]
    assert response.levels["seen"]["value"].tolist()[:3] == [10, -20, 30]
    assert response.levels["seen"]["value"].tolist()[3] != 30, (
        "an idle payload must not look like the last one"
    )
    assert response.final["count"]["value"].tolist() == [3]


def test_watching_outlasts_the_first_buffers() -> None:
    count = 10_000
    given = {"input": NARROW.records(np.arange(count) % 100)}
    with echo_model() as model:
        job = Job(given, levels={"offset": {"value": 0}}, watch=True, stamps=True, stalls=LIGHT)
        response = model.run(job)
    assert len(response.levels["seen"]) == response.cycles > count
    taken = response.produced_at["output"]
    np.testing.assert_array_equal(response.levels["seen"]["value"][taken], given["input"]["value"])
    np.testing.assert_array_equal(response.outputs["output"], given["input"])


def test_what_does_not_fit_is_refused() -> None:
    with echo_model() as model:
        levels: dict[str, Any] = {"offset": {"value": 0}}
        wrong = values(1, 2)
        wrong["value"][1] = 128
        with pytest.raises(RangeError, match="value = 128 does not fit"):
            model.run(Job({"input": wrong}, levels=levels))
        with pytest.raises(RangeError, match="value = 128 does not fit"):
            model.run(Job(levels={"offset": wrong}))
        with pytest.raises(BadInput, match="no input stream 'in'; it has: input"):
            model.run(Job({"in": values(1)}, levels=levels))
        with pytest.raises(BadInput, match="no output stream 'result'"):
            model.run(Job(counts={"result": 1}, levels=levels))
        with pytest.raises(BadInput, match="no level input 'gain'"):
            model.run(Job(levels=levels | {"gain": {"value": 1}}))
        with pytest.raises(BadInput, match="no stream 'offset'"):
            model.run(Job(levels=levels, stalls={"offset": HEAVY}))
        with pytest.raises(BadInput, match=r"Port\.records makes one"):
            model.run(Job({"input": np.arange(3)}, levels=levels))
        with pytest.raises(BadInput, match="nothing to compare"):
            model.run(Job(expected={"output": values()}, levels=levels))
        with pytest.raises(BadInput, match="both name output"):
            model.run(Job(expected={"output": values(1)}, counts={"output": 1}, levels=levels))
        with pytest.raises(BadInput, match="built without waves"):
            model.start_wave(Path("unused"))

    with pytest.raises(SpikelockError, match="closed"):
        model.run(Job(levels=levels))
    with pytest.raises(SpikelockError, match="closed"):
        model.stop_wave()


@pytest.mark.parametrize(
    ("inputs", "outputs", "probes", "message"),
    [
        ({"offset": ECHO_INPUTS["offset"]}, {}, {}, "inputs of the design that no port describes: input__"),
        ({"source": NARROW}, {}, {}, "no port 'source__payload'"),
        ({}, {}, {"count": "inner.counter"}, "no signal is called 'inner.counter'; there are: .*inner.count"),
        ({"input": Port({"value": signed(9)})}, {}, {}, "input of 8 bits in the design, but .* input of 9"),
        ({"input": replace(NARROW, kind="level")}, {}, {}, "no port 'input'; it has"),
        ({}, {"offset": ECHO_INPUTS["offset"]}, {}, "port offset is input of 8 bits in the design"),
    ],
)  # fmt: skip
def test_ports_that_do_not_fit_the_design(
    inputs: dict[str, Port], outputs: dict[str, Port], probes: dict[str, str], message: str
) -> None:
    base = {} if "offset" in (*inputs, *outputs) else ECHO_INPUTS
    with pytest.raises(BadInput, match=message):
        build(Echo(), {**base, **inputs}, outputs or ECHO_OUTPUTS, probes=probes)


class Crossing(wiring.Component):
    """A stream from the domain `fast` to `sync`."""

    def __init__(self) -> None:
        super().__init__({"input": In(carried(NARROW)), "output": Out(carried(NARROW))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.queue = queue = fifo.AsyncFIFO(width=8, depth=4, w_domain="fast", r_domain="sync")
        m.d.comb += [
            queue.w_data.eq(self.input.payload),
            queue.w_en.eq(self.input.valid),
            self.input.ready.eq(queue.w_rdy),
            self.output.payload.eq(queue.r_data),
            self.output.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.output.ready),
        ]
        return m


@pytest.mark.parametrize("stalls", [NONE, HEAVY])
@pytest.mark.parametrize("clocks", [(2, 2, 0), (10, 3, 0), (3, 10, 1), (7, 5, 2), (5, 5, 3)])
def test_two_clocks(clocks: tuple[int, int, int], stalls: Stall) -> None:
    slow, fast, phase = clocks
    built = build(Crossing(), {"input": replace(NARROW, clock="fast")}, {"output": NARROW})
    assert built.clocks == ("sync", "fast")
    given = {"input": random_records(NARROW, 300, seed=4)}
    with Model(built, clocks={"sync": Clock(slow), "fast": Clock(fast, phase)}) as model:
        model.reset(4)
        response = model.run(Job(given, {"output": given["input"]}, stalls=stalls, stamps=True))
    assert response.ok, response.problems
    sent = response.accepted_at["input"].astype(int) * fast
    received = response.produced_at["output"].astype(int) * slow
    assert (received > sent - max(slow, fast)).all(), "an output came before its input, in time"


def test_clocks_are_independent_of_their_unit() -> None:
    built = build(Crossing(), {"input": replace(NARROW, clock="fast")}, {"output": NARROW})
    given = {"input": random_records(NARROW, 50, seed=4)}
    stamps = []
    for unit in (1, 1000):
        with Model(built, clocks={"sync": Clock(3 * unit), "fast": Clock(2 * unit, unit)}) as model:
            response = model.run(
                Job(given, {"output": given["input"]}, resets=[10], reset_length=4, stamps=True)
            )
            stamps.append(response.produced_at["output"].tolist())
    assert stamps[0] == stamps[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reset_length": 0}, "reset_length = 0: must be 1 or more"),
        ({"limit": -1}, "limit = -1: must be 1 or more"),
        ({"resets": (3, -1)}, "cycles count from 0"),
        ({"counts": {"output": -1}}, "a count is 0 or more"),
    ],
)
def test_impossible_jobs_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Job(**options)


def test_clocks_that_do_not_exist() -> None:
    with pytest.raises(BadInput, match="no clock 'slow'; it has: sync"):
        Model(build(Echo(), ECHO_INPUTS, ECHO_OUTPUTS), clocks={"slow": Clock(2)})
    with pytest.raises(BadInput, match="a period is 1 or more"):
        Clock(0)


class Asserting(wiring.Component):
    """Claims that no input is 5."""

    def __init__(self) -> None:
        super().__init__({"input": In(carried(NARROW))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.input.ready.eq(1)
        with m.If(self.input.valid):
            m.d.sync += Assert(self.input.payload.value != 5)
        return m


def test_a_failing_assertion_ends_the_run() -> None:
    with Model(build(Asserting(), {"input": NARROW}, {})) as model:
        assert model.run(Job({"input": values(1, 2, 3)})).ok
        response = model.run(Job({"input": values(4, 5, 6)}))
        assert not response.ok
        assert "assertion or $stop at dut.v" in response.problems[0]
        with pytest.raises(SpikelockError, match="broken: assertion"):
            model.run(Job())


class Forgetful(wiring.Component):
    """Counts its inputs, in a register that no reset touches."""

    def __init__(self) -> None:
        super().__init__({"input": In(carried(NARROW)), "output": Out(carried(NARROW))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        count = Signal(8, reset_less=True)
        m.d.sync += count.eq(count + (self.input.valid & self.input.ready))
        m.d.comb += [
            self.output.payload.eq(count),
            self.output.valid.eq(self.input.valid),
            self.input.ready.eq(self.output.ready),
        ]
        return m


def test_random_power_up_shows_what_reset_forgets() -> None:
    def first(random_power_up: bool, seed: int) -> int:
        built = build(Forgetful(), {"input": NARROW}, {"output": NARROW}, random_power_up=random_power_up)
        with Model(built, seed=seed) as model:
            return int(model.run(Job({"input": values(0)})).outputs["output"]["value"][0])

    assert {first(False, seed) for seed in range(8)} == {0}
    assert len({first(True, seed) for seed in range(8)}) > 1
    assert first(True, 3) == first(True, 3)


def test_parallel_runs_equal_serial_ones() -> None:
    built = build(Echo(), ECHO_INPUTS, ECHO_OUTPUTS)
    jobs = [
        Job(
            {"input": random_records(NARROW, 50, seed)},
            levels={"offset": {"value": 0}},
            stalls=LIGHT,
            seed=seed,
        )
        for seed in range(5)
    ]
    serial = list(run_many(built, jobs, processes=1))
    parallel = list(run_many(built, jobs, processes=2))
    for job, one, other in zip(jobs, serial, parallel, strict=True):
        assert one.ok
        assert other.ok
        assert one.cycles == other.cycles
        np.testing.assert_array_equal(other.outputs["output"], job.inputs["input"])


def test_waves_and_coverage(tmp_path: Path) -> None:
    wave, files = tmp_path / "run.vcd", [tmp_path / f"{part}.dat" for part in "ab"]
    built = build(Echo(), ECHO_INPUTS, ECHO_OUTPUTS, waves="vcd", coverage=True)
    for file, bit in zip(files, (1, 64), strict=True):
        with Model(built) as model:
            model.start_wave(wave)
            assert model.run(Job({"input": values(1, 2, 3)}, levels={"offset": values(0, bit, 0)})).ok
            model.stop_wave()
            model.write_coverage(file)
    text = wave.read_text()
    assert "$enddefinitions" in text
    assert "count" in text
    parts = [Coverage(read_coverage(file), built.verilog.read_text()) for file in files]
    merged = Coverage(merge(part.counts for part in parts), built.verilog.read_text())
    reached = [coverage.summary()["toggle"] for coverage in (*parts, merged)]
    assert max(reached[0][0], reached[1][0]) < reached[2][0] <= reached[2][1]
    missing = "\n".join(merged.missing())
    assert "offset[7]:0->1" in missing
    assert "offset[6]:0->1" not in missing
    with Model(built) as model, pytest.raises(BadInput, match="cannot be written: No such file"):
        model.write_coverage(tmp_path / "missing" / "file.dat")


def test_fst_waves_or_the_packages_they_need(tmp_path: Path) -> None:
    try:
        built = build(Echo(), ECHO_INPUTS, ECHO_OUTPUTS, waves="fst")
    except MissingTool as error:
        told = "apt install zlib1g-dev liblz4-dev" in str(error)
        pytest.skip("FST waves need the headers of zlib and lz4") if told else pytest.fail(str(error))
    with Model(built) as model:
        model.start_wave(tmp_path / "run.fst")
        assert model.run(Job({"input": values(1)}, levels={"offset": {"value": 0}})).ok
        model.stop_wave()
    assert (tmp_path / "run.fst").stat().st_size > 0


def test_verilog_without_clock_or_payload() -> None:
    verilog = "module dut(input [3:0] a, output [3:0] b); assign b = ~a; endmodule"
    level = Port({"value": unsigned(4)}, kind="level")
    with Model(build_verilog(verilog, {"a": level}, {"b": level})) as model:
        response = model.run(Job(levels={"a": level.records([1, 2, 3])}, watch=True, drain=3))
    assert response.levels["b"]["value"].tolist() == [14, 13, 12]


def test_verilog_that_does_not_compile() -> None:
    with pytest.raises(SpikelockError, match=r"(?s)Verilating the design failed.*syntax error"):
        build_verilog("module dut(input a; endmodule", {}, {})
