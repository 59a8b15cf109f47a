"""What a file of a regression case holds comes back; what is damaged is named."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelock.models.core import all_cores
from spikelock.models.errors import BadInput
from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.lockstep import HEAVY, LIGHT, Job, exactly
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.regression_cases import (
    Found,
    RegressionCase,
    committed_cases,
    load,
    replay,
    save,
)

TILE = find_bench("fabric.tile")
A_FILE = committed_cases("neurons.lif")[0]


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
        bench = find_bench(core.name)
        for case in bench.cases:
            job = Job(case.inputs(0, 5), stalls={name: exactly([1]) for name in core.outputs(case.params)})
            found = Found(Detector.SCOREBOARD, "rtl", "", "")
            kept = RegressionCase(core, case.params, job, found, case.registers, case.memories)
            save(kept, tmp_path / "case.json")
            assert load(tmp_path / "case.json").params == case.params


def damaged(**changes: Any) -> str:
    data = json.loads(A_FILE.read_text())
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
