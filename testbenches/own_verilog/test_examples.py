"""Modules of several authors and styles pass at every level; the planted bug is found, made small, kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from spikelock.models.errors import BadInput
from spikelock.models.neurons.lif import PUBLISHED
from spikelock.testbenches.alterations import list_mutations, prepare_component
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.checking import check
from spikelock.testbenches.levels import HARDWARE
from spikelock.testbenches.lockstep.verilog import convert
from spikelock.testbenches.own_verilog.examples_folder import example
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.regression_cases import load, replay, store_smallest

GOOD = ("lif_stream", "lif_strobe", "lif_free")


@pytest.mark.parametrize("level", HARDWARE)
@pytest.mark.parametrize("name", GOOD)
def test_good_module_passes(name: str, level: str) -> None:
    own = example(name)
    with skipped_without_tools():
        result = check(own.bench, own.bench.case("as-stated"), level, size=150)
    assert result.passed, str(result)
    assert result.transactions > 150


@pytest.mark.parametrize("name", GOOD)
def test_module_passes_every_case_that_it_can_have(name: str) -> None:
    own = example(name)
    cases = own.bench.cases if name == "lif_free" else own.bench.cases[:2]  # parameters need a build each
    for case in cases:
        result = check(own.bench, case, "rtl", size=400)
        assert result.passed, str(result)


def test_one_of_them_is_the_published_neuron() -> None:
    params = example("lif_strobe").params
    same = ("width", "fraction", "noise", "overflow", "rounding", "reset_mode", "leak", "gain", "threshold")
    assert all(getattr(params, name) == getattr(PUBLISHED, name) for name in same)


def test_planted_bug_is_found_and_made_small(tmp_path: Path) -> None:
    own = example("lif_stream", "lif_stream_bug")
    case = own.bench.case("as-stated")
    result = check(own.bench, case, "rtl", size=150)
    assert {problem.detector for problem in result.problems} == {Detector.SCOREBOARD, Detector.RESET}
    assert not any(problem.startswith("unhindered") for problem in result.problems), "it needs a stall"
    kept = store_smallest(own.bench, case, "rtl", result, tmp_path)
    assert kept is not None
    small = load(kept)
    assert small.transactions <= 6
    for level in ("rtl", "netlist-ice40"):
        bad = replay(small, level, component=own.component_for(small))
        good = replay(small, level, component=example("lif_stream").component_for(small))
        assert (bad.as_recorded, good.passed) == (True, True), level


def test_kept_case_of_other_parameters_is_refused(tmp_path: Path) -> None:
    own = example("lif_stream", "lif_stream_bug")
    case = own.bench.case("as-stated")
    kept = store_smallest(own.bench, case, "rtl", check(own.bench, case, "rtl", size=150), tmp_path, 0.1)
    assert kept is not None
    with pytest.raises(BadInput, match="the case is impossible with lif_free, as constants is true there"):
        example("lif_free").component_for(load(kept))


@pytest.mark.parametrize("name", GOOD)
def test_module_as_rtlil_names_its_lines(name: str) -> None:
    own = example(name)
    text = convert(own.component(own.params), ["sync"], {}, emit_src=True).rtlil
    assert f"/{name}." in text
    assert f"{name}.v:" in text or f"{name}.sv:" in text
    assert "module \\dut" in text


@pytest.mark.parametrize("name", GOOD)
def test_mutants_are_of_the_module_alone(name: str) -> None:
    own = example(name)
    mutations = list_mutations(prepare_component(own.component(own.params)), 40, 0)
    assert len(mutations) == 40
    for mutation in mutations:
        assert any(f"/{name}." in source for source in mutation.sources), str(mutation)


def test_code_coverage_is_of_the_module_alone() -> None:
    own = example("lif_strobe")
    result = check(own.bench, own.bench.case("as-stated"), "rtl", size=150, code=True)
    assert result.code is not None
    instances = {point.instance for kind in ("line", "branch") for point in result.code.relevant(kind)}
    assert instances == {"dut.judged"}
    missing = [hole for hole in result.code.missing() if not hole.startswith("toggle")]
    assert all("lif_strobe.v:" in hole for hole in missing)


def test_what_yosys_itself_cannot_read_slang_does() -> None:
    own = example("lif_strobe")
    reversed_twice = "wire signed [15:0] same = {<<{{<<{i_syn}}}};\n  wire signed [31:0] drive = same *"
    own = replace(own, source=own.source.replace("wire signed [31:0] drive = i_syn *", reversed_twice))
    for level in ("rtl", "netlist-ice40"):
        result = check(own.bench, own.bench.case("as-stated"), level, size=100)
        assert result.passed, str(result)
