"""A failure becomes a small case in a file: red with a broken core at every level, green with a sound one."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Module

from spikelock.cli.main import main
from spikelock.formal.proof import Proof, proofs
from spikelock.formal.properties import Inside, claim, cover
from spikelock.models.core import all_cores, twin
from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.mutant import Mutant
from spikelock.testbenches.bench import Bench
from spikelock.testbenches.checking import check
from spikelock.testbenches.known_bugs.judging import find_bug
from spikelock.testbenches.lockstep import HEAVY, LIGHT, Job, exactly
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.regression.checks import replay as checks_replay
from spikelock.testbenches.regression.checks import search as checks_search
from spikelock.testbenches.regression_cases import (
    Found,
    RegressionCase,
    committed_cases,
    load,
    replay,
    save,
    shrink,
    store_smallest,
)
from spikelock.testbenches.regression_cases.counterexamples import store_counterexample
from spikelock.testbenches.regression_cases.search import search
from spikelock.testbenches.regression_cases.storing import failing_case

LIF: Bench = twin("neurons.lif", "testbenches").BENCH
TILE: Bench = twin("fabric.tile", "testbenches").BENCH
COMMITTED = [file for core in all_cores() for file in committed_cases(core.name)]
ONE_OF_EACH_CORE = [files[0] for core in all_cores() if (files := committed_cases(core.name))]

ABOVE_THRESHOLD = find_bug(LIF, "above-threshold").mutant
"""No spike at the threshold itself."""


def replayed(case: RegressionCase, level: str, **options: Any) -> Any:
    try:
        return replay(case, level, **options)
    except MissingTool as missing:
        pytest.skip(str(missing))


def name_of(file: Path) -> str:
    return f"{file.parent.name}-{file.stem}"


# ---------------------------------------------------------------- cases that are kept with the cores


@pytest.mark.parametrize("level", ["reference", "engine", "rtl"])
@pytest.mark.parametrize("file", COMMITTED, ids=name_of)
def test_a_kept_case_passes(file: Path, level: str) -> None:
    result = replayed(load(file), level)
    assert result.passed, result.problems
    assert result.transactions > 0


@pytest.mark.parametrize("level", ["cocotb", "netlist-ice40"])
@pytest.mark.parametrize("file", ONE_OF_EACH_CORE, ids=name_of)
def test_a_kept_case_passes_at_slower_levels(file: Path, level: str) -> None:
    result = replayed(load(file), level)
    assert result.passed, result.problems


@pytest.mark.parametrize("file", COMMITTED, ids=name_of)
def test_a_kept_case_fails_with_its_bug(file: Path) -> None:
    """Each has the name of the known bug that it shows."""
    case = load(file)
    bug = find_bug(twin(case.core.name, "testbenches").BENCH, file.stem)
    result = replayed(case, "rtl", component=bug.mutant.component(case.core.name, case.params))
    assert result.as_recorded, result


# ---------------------------------------------------------------- from a failure to a case


@cache
def stored(folder: Path) -> RegressionCase:
    """A broken neuron, found by random stimulus at rtl, shrunk, written and read."""
    broken = replace(LIF, component=lambda params: ABOVE_THRESHOLD.component("neurons.lif", params))
    case = LIF.case("rest-and-reset")
    result = check(broken, case, "rtl", size=1_000)
    assert not result.passed
    file = store_smallest(broken, case, "rtl", result, folder)
    assert file is not None
    return load(file)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> RegressionCase:
    return stored(tmp_path_factory.mktemp("cases") / "not-there-yet")


def test_a_random_failure_becomes_one_transaction(found: RegressionCase) -> None:
    assert found.transactions == 1
    assert not found.stalls
    assert not found.job.resets
    assert found.registers.keys() <= {"rest", "threshold", "reset"}
    assert found.found.detector is Detector.SCOREBOARD
    assert found.found.origin == "random stimulus: case rest-and-reset, seed 0, size 1000, unhindered"


@pytest.mark.parametrize("level", ["rtl", "cocotb", "icarus", "netlist-ice40"])
def test_it_is_red_with_the_broken_core_and_green_with_the_sound_one(
    found: RegressionCase, level: str
) -> None:
    broken = replayed(found, level, component=ABOVE_THRESHOLD.component("neurons.lif", found.params))
    assert broken.as_recorded, broken
    assert replayed(found, level).passed


@pytest.mark.parametrize("level", ["reference", "engine"])
def test_software_was_never_wrong(found: RegressionCase, level: str) -> None:
    assert replay(found, level).passed


def test_a_failure_leaves_waves(found: RegressionCase, tmp_path: Path) -> None:
    broken = ABOVE_THRESHOLD.component("neurons.lif", found.params)
    result = replayed(found, "rtl", component=broken, waves=tmp_path)
    assert result.waves is not None
    assert result.waves.is_file()


@pytest.mark.parametrize(
    ("bench", "bug", "most"),
    [
        (LIF, "reset-forgets-refractory", (2, 1, 0)),
        (LIF, "input-overwrites", (1, 0, 1)),
        (LIF, "steps-in-stall", (2, 0, 1)),
        (TILE, "spike-dropped", (4, 0, 1)),
        (TILE, "event-taken-twice", (4, 0, 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_resets_and_stalls_shrink_too(bench: Bench, bug: str, most: tuple[int, int, int]) -> None:
    known = find_bug(bench, bug)
    broken = replace(bench, component=lambda params: known.mutant.component(bench.core.name, params))
    case = bench.case(known.case)
    result = check(broken, case, "rtl", size=500)
    whole = failing_case(broken, case, "rtl", result)
    assert whole is not None
    done = shrink(whole, "rtl", component=known.mutant.component(bench.core.name, case.params), seconds=60)
    assert done.finished
    assert done.case.found.detector is whole.found.detector
    stalled = sum(len(stall.cycles) for stall in done.case.stalls.values())
    assert not any(stall.begin for stall in done.case.stalls.values())
    assert (done.case.steps, len(done.case.job.resets), stalled) <= most
    assert f"of {whole.transactions} transactions" in str(done)


def test_time_limits_a_search(found: RegressionCase) -> None:
    port = found.core.inputs(found.params)["input"]
    rows = np.concatenate([found.job.inputs["input"], port.records(np.zeros(500, int))])
    whole = replace(found, job=replace(found.job, inputs={"input": rows}))
    broken = ABOVE_THRESHOLD.component("neurons.lif", found.params)
    done = shrink(whole, "rtl", component=broken, seconds=0.0)
    assert not done.finished
    assert done.case.transactions == whole.transactions


def test_what_passes_cannot_be_shrunk(found: RegressionCase) -> None:
    with pytest.raises(BadInput, match="does not fail at rtl as recorded"):
        shrink(found, "rtl")


def test_a_pass_and_a_failure_without_a_run_leave_no_case(tmp_path: Path) -> None:
    case = LIF.case("default")
    result = check(LIF, case, "engine", size=300)
    assert result.passed
    assert store_smallest(LIF, case, "engine", result, tmp_path) is None
    unmoved = replace(result, problems=(Problem(Detector.UNMOVED, "output: spike never changes"),))
    assert store_smallest(LIF, case, "engine", unmoved, tmp_path) is None
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- from a proof to a case


@pytest.mark.parametrize(
    ("core", "proof", "mutant", "stalled"),
    [
        ("neurons.lif", "stream", "an output is dropped while it is stalled", 1),
        ("neurons.lif", "reset", "reset forgets the potential", 0),
        ("fabric.tile", "events", "a spike is dropped when the output is stalled", 1),
    ],
)
def test_a_counterexample_becomes_a_case(
    core: str, proof: str, mutant: str, stalled: int, tmp_path: Path
) -> None:
    (it,) = (one for one in proofs(core) if one.name == proof)
    (broken,) = (one for one in it.mutants if one.breaks == mutant)
    component = broken.component(core, it.params)
    try:
        file = store_counterexample(it, tmp_path, component=component)
    except MissingTool as missing:
        pytest.skip(str(missing))
    assert file is not None
    case = load(file)
    assert case.transactions <= 3
    assert sum(len(stall.cycles) for stall in case.stalls.values()) == stalled
    assert f"counterexample of the proof {proof}" in case.found.origin
    for level in ("rtl", "cocotb") if stalled else ("rtl",):
        assert replayed(case, level, component=component).as_recorded
        assert replayed(case, level).passed


def test_a_claim_about_the_inside_leaves_no_case(tmp_path: Path) -> None:
    def never_refractory(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "never refractory", inside.register("refractory") == 0)
        cover(m, "an output", core.output.valid)

    it = Proof("neurons.lif", "of the test", "", LIF.case("default").params, never_refractory, ())
    try:
        assert store_counterexample(it, tmp_path) is None
    except MissingTool as missing:
        pytest.skip(str(missing))


# ---------------------------------------------------------------- files


def any_case() -> RegressionCase:
    case = TILE.case("feed-forward")
    job = Job(
        case.inputs(3, 30),
        stalls={"input": HEAVY, "output": replace(LIGHT, cycles=(2, 3, 9))},
        seed=5,
        resets=(7, 8, 30),
        reset_length=2,
        drain=400,
    )
    found = Found(Detector.RESET, "cocotb", 'it said "so" — twice', "a test")
    return RegressionCase(TILE.core, case.params, job, found, {"threshold": 90}, case.memories)


def test_a_file_gives_the_case_back(tmp_path: Path) -> None:
    case = any_case()
    save(case, tmp_path / "case.json")
    again = load(tmp_path / "case.json")
    assert (again.params, again.found, again.registers) == (case.params, case.found, case.registers)
    assert again.stalls == case.stalls
    assert np.array_equal(again.job.inputs["input"], case.job.inputs["input"])
    for name, records in case.configuration.memories.items():
        assert np.array_equal(again.configuration.memories[name], records)
    save(again, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "case.json").read_bytes()


def test_every_bench_has_params_that_a_file_can_hold(tmp_path: Path) -> None:
    for core in all_cores():
        bench: Bench = twin(core.name, "testbenches").BENCH
        for case in bench.cases:
            job = Job(case.inputs(0, 5), stalls={name: exactly([1]) for name in core.outputs(case.params)})
            found = Found(Detector.SCOREBOARD, "rtl", "", "")
            kept = RegressionCase(core, case.params, job, found, case.registers, case.memories)
            save(kept, tmp_path / "case.json")
            assert load(tmp_path / "case.json").params == case.params


def damaged(**changes: Any) -> str:
    data = json.loads(ONE_OF_EACH_CORE[-1].read_text())
    data.update(changes)
    return json.dumps({name: value for name, value in data.items() if value is not None})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("3", "an object with names is needed"),
        ("{}", "has no 'spikelock_case'"),
        (damaged(spikelock_case=2), "version 2; this spikelock reads version 1"),
        (damaged(core="neurons.none"), "no core is called 'neurons.none'"),
        (damaged(core=7), "core: 7 is given; a string is needed"),
        (damaged(found=None), "'found' is missing"),
        (damaged(found={"detector": "nose", "level": "", "says": "", "origin": ""}), "'nose' is none of"),
        (damaged(nonsense=1), "nothing is called 'nonsense'"),
        (damaged(params={"width": 0}), "params: width = 0"),
        (damaged(params={"width": 16.0}), r"params.width: 16.0 is given; an integer is needed"),
        (damaged(params={"rounding": "up"}), "params.rounding: 'up' is none of 'floor'"),
        (damaged(params={"size": 3}), "params has no field 'size'"),
        (damaged(registers={"threshold": 1 << 40}), "does not fit"),
        (damaged(registers={"none": 1}), "has no register 'none'"),
        (damaged(registers=[1]), "registers: .* is given; an object"),
        (damaged(memories={"rows": {}}), "memories: nothing is called 'rows'"),
        (damaged(inputs={}), "inputs.input is missing"),
        (damaged(inputs={"input": {"fields": ["x"], "rows": []}}), r"the core has \['current'\]"),
        (damaged(inputs={"input": {"fields": ["current"], "rows": [[1, 2]]}}), "1 integers are needed"),
        (damaged(inputs={"input": {"fields": ["current"], "rows": [[1e9]]}}), "1 integers are needed"),
        (damaged(inputs={"input": {"fields": ["current"], "rows": [[1 << 70]]}}), "does not fit"),
        (damaged(stalls={"load": {}}), "stalls: nothing is called 'load'"),
        (damaged(stalls={"input": {"begin": 2}}), "a probability is 0 … 1"),
        (damaged(stalls={"input": {"cycles": [3, 3]}}), "cycles ascend from 0"),
        (damaged(stalls={"input": {"cycles": [1 << 50]}}), "0 … 1000000 is possible"),
        (damaged(resets=[-1]), "resets: -1 is given"),
        (damaged(reset_length=0), "must be 1 or more"),
        (damaged(seed="x"), "seed: 'x' is given"),
        (damaged(drain=True), "drain: True is given"),
    ],
)
def test_damage_is_named(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(text)
    with pytest.raises(BadInput, match=message):
        load(file)


def test_bytes_lost_or_changed_are_bad_input_or_a_case(tmp_path: Path) -> None:
    """Whatever happens to a file, it is read or refused."""
    file, random = tmp_path / "case.json", np.random.default_rng(1)
    save(any_case(), file)
    whole = file.read_bytes()
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(random.integers(1, 4)):
            at = int(random.integers(len(content)))
            content[at : at + int(random.integers(0, 3))] = random.bytes(int(random.integers(0, 3)))
        file.write_bytes(content)
        with suppress(BadInput):
            load(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        load(tmp_path / "none.json")


def test_memories_that_mean_nothing_are_refused_when_replayed() -> None:
    case = any_case()
    rows = {"rows": TILE.core.memories(case.params)["rows"].layout.records([29] * 6, [5] * 6)}
    synapses = TILE.core.memories(case.params)["synapses"].layout.records([7] * 30, [1] * 30)
    with pytest.raises(BadInput, match=r"the reference of fabric\.tile refuses this case"):
        replay(replace(case, memories={**rows, "synapses": synapses}), "rtl")


# ---------------------------------------------------------------- the command


def test_command_passes_and_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (file,) = (str(one) for one in committed_cases("neurons.lif") if one.stem == "above-threshold")
    assert main(["replay", file, "--levels", "reference,engine,rtl"]) == 0
    said = capsys.readouterr().out
    assert "rtl: passes: 1 transactions agree" in said
    assert said.endswith("PASSED\n")
    argv = ["replay", file, "--levels", "engine,rtl", "--plant", "above-threshold"]
    report = tmp_path / "report.json"
    assert main([*argv, "--failures", str(tmp_path), "--json", str(report)]) == 1
    said = capsys.readouterr().out
    assert "rtl: FAILS, scoreboard (as recorded)" in said
    assert f"again: spikelock replay {file} --levels rtl --plant above-threshold" in said
    engine, rtl = json.loads(report.read_text())["results"]
    assert (engine["passed"], rtl["passed"], rtl["as_recorded"]) == (True, False, True)
    assert Path(rtl["waves"]).is_file()


def test_command_shows_whatever_a_file_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Brackets mean something to the library that prints."""
    case = load(committed_cases("neurons.lif")[0])
    save(
        replace(case, found=replace(case.found, says="[/red] [bold]", origin="[/]")), tmp_path / "[red].json"
    )
    assert main(["replay", str(tmp_path / "[red].json"), "--levels", "engine"]) == 0
    assert "scoreboard at rtl: [/red] [bold]\n  from [/]\n" in capsys.readouterr().out


def test_prove_keeps_the_case_of_a_counterexample(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (it,) = (one for one in proofs("neurons.lif") if one.name == "stream")
    broken = next(one for one in it.mutants if one.breaks == "an output is dropped while it is stalled")
    monkeypatch.setattr(Proof, "component", lambda proof: broken.component(proof.core, proof.params))
    monkeypatch.setattr("spikelock.formal.runner.proofs", lambda core: (it,))
    argv = ["prove", "neurons.lif", "--failures", str(tmp_path), "--json", str(tmp_path / "proofs.json")]
    assert main(argv) == 1
    file = tmp_path / "neurons-lif-stream.json"
    assert f"again: spikelock replay {file}" in capsys.readouterr().out
    assert json.loads((tmp_path / "proofs.json").read_text())["proofs"][0]["case"] == str(file)
    assert load(file).found.detector is Detector.PROTOCOL


@pytest.mark.parametrize("argv", [["none.json"], ["{file}", "--levels", "board"], ["{file}", "--plant", "x"]])
def test_command_refuses(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    file = str(committed_cases("neurons.lif")[0])
    assert main(["replay", *(word.replace("{file}", file) for word in argv)]) == 2
    assert capsys.readouterr().err.startswith("spikelock: ")


# ---------------------------------------------------------------- Hypothesis


def test_a_search_finds_what_meets_by_chance() -> None:
    bug = find_bug(TILE, "last-synapse")
    broken = replace(TILE, component=lambda params: bug.mutant.component("fabric.tile", params))
    found = search(broken, TILE.case(bug.case), runs=200).failure
    assert found is not None
    assert found.case.transactions <= 3
    again = search(broken, TILE.case(bug.case), runs=200).failure
    assert again is not None
    assert np.array_equal(again.original.job.inputs["input"], found.original.job.inputs["input"])


@pytest.mark.parametrize("bench", [LIF, TILE], ids=lambda bench: bench.core.name)
def test_a_search_finds_nothing_in_a_sound_core(bench: Bench) -> None:
    done = search(bench, bench.cases[0], runs=20)
    assert done.failure is None
    assert done.runs == 20
    assert done.transactions > 100


# ---------------------------------------------------------------- in a regression


def test_kept_cases_and_searches_are_tasks_of_a_regression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIKELOCK_FAILURES", str(tmp_path))
    tasks = checks_replay.tasks("neurons.lif", "full", 0)
    rtl = [task for task in tasks if task.arguments["level"] == "rtl"]
    results = [checks_replay.run(task) for task in rtl]
    assert [result.status for result in results] == ["passed"] * 2 * len(committed_cases("neurons.lif"))
    assert checks_search.run(checks_search.tasks("neurons.lif", "smoke", 3)[0]).status == "passed"


def test_a_case_that_its_bug_passes_fails_the_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    (task,) = (
        task
        for task in checks_replay.tasks("neurons.lif", "full", 0)
        if task.arguments == {"case": "above-threshold", "level": "rtl", "broken": True}
    )
    harmless = Mutant("nothing", "neurons.lif", "def component(", "def component(")
    sound = replace(find_bug(LIF, "above-threshold"), mutant=harmless)
    monkeypatch.setattr(checks_replay, "find_bug", lambda bench, name: sound)
    result = checks_replay.run(task)
    assert result.status == "failed"
    assert "but it passes" in result.problems[0]
