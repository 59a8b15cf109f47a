"""The scorecard's text: what it says of failures, of what did not run, and of much."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2")

from spikelock.models.compare import Divergence
from spikelock.models.errors import BadInput, MissingTool
from spikelock.testbenches.faults.outcomes import Outcome, Tally
from spikelock.testbenches.mutation.score import Score
from spikelock.testbenches.regression.record import Finding, make_record
from spikelock.testbenches.regression.task import Result, Status, Task
from spikelock.testbenches.report import write_page
from spikelock.testbenches.report.divergence import Field, fields_of
from spikelock.testbenches.report.page import page_of
from spikelock.testbenches.report.tables import SHOWN, divided, of_mappings, text_of

CORES = ["fabric.tile", "neurons.lif"]
IDENTITY = {
    "spikelock": "0.1.0",
    "commit": "0123456789abcdef",
    "dirty": True,
    "sources": "ab" * 20,
    "rtl": dict.fromkeys(CORES, "cd" * 20),
    "tools": {"verilator": "5.48", "iverilog": None},
    "cores": CORES,
    "checks": ["bench", "proofs"],
    "seed": 7,
    "plant": None,
    "command": "spikelock verify --stage full --seed 7",
    "host": {"system": "Linux", "processors": 2},
    "jobs": 2,
    "scheduler": None,
    "started": "2026-01-02T03:04:05+00:00",
    "seconds": 75.0,
    "resumed": 0,
}
TITLES = {
    "bench": "Cases at every level",
    "proofs": "Proofs",
    "faults": "Faults",
    "mutation": "Mutation",
    "controls": "Negative controls",
    "coverage": "Coverage",
    "cost": "Hardware cost",
    "novel": "A check that came later",
}


def result(
    core: str,
    check: str = "bench",
    status: Status = "passed",
    problems: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    **arguments: Any,
) -> Finding:
    again = f"spikelock verify {core} --seed 7" if status == "failed" else ""
    detectors = ["scoreboard"] * len(problems) if status == "failed" else []
    task = Task(check, core, arguments)
    made = Result(
        task, f"{check} of {core}", status, problems, detectors, again, {}, 2.0, 1.0, 100, data or {}
    )
    return Finding(core, made)


def page(findings: Sequence[Finding], *, complete: bool = True) -> str:
    failed = any(finding.result.status == "failed" for finding in findings)
    gate = {"name": "Cases", "required": "none fails", "reached": "as counted", "passed": not failed}
    return page_of(make_record("full", IDENTITY, TITLES, findings, [gate], complete))


def section(text: str, id: str) -> str:
    found = re.search(rf'<section id="{id}".*?</section>', text, re.DOTALL)
    assert found, f"there is no section {id}"
    return found[0]


def test_a_pass_says_so_and_what_it_was_a_pass_of() -> None:
    text = page([result("neurons.lif"), result("fabric.tile")])
    assert "<h1>PASSED</h1>" in text
    assert "2 of 2 results passed." in text
    assert "0123456789ab, DIRTY" in text
    assert "spikelock verify --stage full --seed 7" in section(text, "identity")
    assert "Nothing failed." in section(text, "failures")


def test_every_failure_has_its_first_problem_and_its_command() -> None:
    failures = [result(core, status="failed", problems=[f"7 of {core}", "and 8"], n=core) for core in CORES]
    text = page([*failures, result("neurons.lif")])
    assert "<h1>FAILED</h1>" in text
    assert "1 of 3 results passed; 2 failed, in fabric.tile, neurons.lif; 1 of 1 gates" in text
    for number, core in enumerate(CORES):
        assert f'<p class="divergence">7 of {core}</p>' in text
        assert f"<code>spikelock verify {core} --seed 7</code>" in text
        assert f'href="#failure-{number}"' in text
        assert f'id="failure-{number}"' in text


def test_a_counterexample_is_shown_with_its_failure() -> None:
    data = {"counterexample": "cycle 0 1\nspike 0 1", "holes": ["line 3"]}
    failed = result("neurons.lif", status="failed", problems=["refuted"], data=data)
    shown = section(page([failed]), "failures")
    assert "cycle 0 1\nspike 0 1</pre>" in shown
    assert "line 3" in shown


def test_a_divergence_is_shown_field_by_field() -> None:
    divergence = Divergence(30, {"spike": 1, "membrane": -5}, {"spike": 1, "membrane": 77}, ("membrane",))
    fields = fields_of(f"unhindered: output: {divergence}")
    assert fields == [Field("spike", "1", "1"), Field("membrane", "-5", "77")]
    assert [field.differs for field in fields] == [False, True]
    assert fields_of(str(Divergence(30, None, {"spike": 1}, ()))) == []
    assert fields_of("output: valid dropped before it was accepted, at cycle 3") == []
    text = page([result("neurons.lif", status="failed", problems=[f"output: {divergence}"])])
    assert re.search(r'class="failed"><th scope="row">membrane</th>', text)


def test_more_failures_than_cards_still_have_their_commands() -> None:
    many = [result("neurons.lif", status="failed", problems=[f"problem {n}"], n=n) for n in range(300)]
    text = page(many)
    assert all(f"problem {n}" in text for n in range(300))
    assert text.count('class="card"') == 100
    assert text.count("spikelock verify neurons.lif --seed 7") == 300


def test_what_did_not_run_says_so() -> None:
    text = page(
        [
            result("neurons.lif", status="not run", problems=["iverilog is not installed"]),
            result("fabric.tile"),
        ]
    )
    assert "1 were NOT RUN" in text
    assert "NOT RUN.</strong> iverilog is not installed" in section(text, "check-bench")
    for name in ("controls", "known_bugs", "mutation", "faults", "cost", "hardware", "proofs"):
        assert "NOT RUN.</strong> It was no part of this run." in section(text, f"check-{name}"), name


def test_nothing_at_all_is_no_pass() -> None:
    text = page([], complete=False)
    assert "PASSED" not in text
    assert "<h1>INTERRUPTED</h1>" in text


def test_levels_that_were_not_run_are_not_said_to_agree() -> None:
    absent = result("neurons.lif", status="not run", problems=["no"], case="a", level="icarus")
    ran = result("neurons.lif", data={"transactions": 1234}, case="a", level="rtl")
    agreement = section(page([absent, ran]), "agreement")
    assert "1,234 transactions" in agreement
    assert "NOT RUN" in agreement


def test_a_check_that_the_page_has_never_heard_of_is_shown() -> None:
    data = {
        "speed": 1234567,
        "good": True,
        "holes": ["line 3", "line 4"],
        "kinds": [{"a": 1, "b": "x"}, {"b": "y"}],
    }
    shown = section(page([result("neurons.lif", "novel", data=data | {"raw": "SECRET"})]), "check-novel")
    assert "A check that came later" in shown
    assert "1,234,567" in shown
    assert "yes" in shown
    assert "line 4" in shown
    assert ">y<" in shown
    assert "SECRET" not in shown


def test_a_long_table_is_text_until_it_is_wanted() -> None:
    rows = [{"hole": f"hole {n}"} for n in range(10_000)]
    text = page([result("neurons.lif", "novel", data={"holes": rows})])
    assert text.count("<tr") < 500
    assert f"show {10_000 - SHOWN} more" in text
    rest = re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    assert rest
    assert len(json.loads(rest[1])) == 10_000 - SHOWN
    assert len(text) < 2_000_000


def test_text_of_a_design_is_never_markup() -> None:
    nasty = "</script><script>alert(1)</script>"
    failed = result("neurons.lif", status="failed", problems=[nasty])
    many = result("neurons.lif", "novel", data={"holes": [nasty] * 100})
    text = page([failed, many])
    assert nasty not in text
    assert text.count("<script") == 2  # the page's own, and the one table


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = page([result("neurons.lif")])
    assert not re.findall(r"(?:src|href)=\"(?!#)|@import|url\(|https?://", text)


def test_faults_and_proofs_have_their_own_look() -> None:
    tally = Tally.of([Outcome.MASKED] * 3 + [Outcome.SILENT]).to_json()
    faults = {
        "kind": "upset",
        "groups": {"flip-flops": tally},
        "places": [{"place": "membrane", **tally}],
        **tally,
    }
    proof = {
        "verdict": "bounded to 16 cycles",
        "says": "it holds",
        "covers": {"c": 3},
        "covers_missing": ["d"],
    }
    text = page(
        [
            result("neurons.lif", "faults", data=faults),
            result("neurons.lif", "faults", status="not run", problems=["no Yosys"], n=2),
            result("neurons.lif", "proofs", data=proof),
        ]
    )
    assert "25.0 (4.6 to 69.9)" in section(text, "check-faults")
    assert "no Yosys" in section(text, "check-faults")
    assert "membrane" in section(text, "check-faults")
    assert "bounded to 16 cycles" in section(text, "check-proofs")
    assert "1 of 2" in section(text, "check-proofs")


def test_mutation_scores_stand_beside_their_survivors() -> None:
    score = Score({"scoreboard": 90, "timeout": 3}, equivalent=5, different=1, unknown=1).to_json()
    line = {"line": "rtl/neurons/lif.py:70", "text": "m.d.comb += x"}
    survivor = {
        "sources": [line],
        "verdict": "different",
        "mutation": "inv $1",
        "shown": "case",
        "module": "core",
    }
    data = {"score": score, "leaves": score, "survivors": [{"design": "a", **survivor}]}
    share = {"design": "a", "modules": {"core": score}}
    found = [
        result("neurons.lif", "mutation", data={**data, **share}, design=0),
        result("neurons.lif", "mutation", "failed", ["below"], {**data, "figure": "97.9 %"}, conclude="full"),
    ]
    shown = section(page(found), "check-mutation")
    assert "97.9 (92.6 to 99.4)" in shown
    assert "scoreboard 90, timeout 3 (weak)" in shown
    assert shown.count("rtl/neurons/lif.py:70: m.d.comb += x") == 1


def test_coverage_shows_what_is_reached_and_what_is_not() -> None:
    functional = {
        "figure": "50 % of the bins",
        "bins": {"spike": {"no": 7, "yes": 0}},
        "waived": ["spike: yes: late"],
    }
    code = {"figure": "", "reached": {"line": [9, 10]}, "holes": ["line: lif.py:70"], "waived": []}
    found = [result("neurons.lif", "coverage", data=data, n=n) for n, data in enumerate((functional, code))]
    shown = section(page(found), "check-coverage")
    assert "90.0 %" in shown
    assert "50.0 %" in shown
    assert "spike: yes: late" in shown
    assert shown.index("line: lif.py:70") < shown.index('class="number">7<')


def test_flakes_assertions_and_counterexamples_are_found_among_other_results() -> None:
    twice = {"control": "seed 0 twice", "seen": "", "passed": False}
    other = {"control": "a flipped weight", "seen": "scoreboard", "passed": True}
    proof = {
        "verdict": "FAILED",
        "says": "x",
        "covers": {"a": 1, "b": 1},
        "covers_missing": ["c"],
        "counterexample": "t",
    }
    text = page(
        [
            result("neurons.lif", "controls", "failed", ["differs"], {"controls": [twice, other]}),
            result("neurons.lif", "proofs", "failed", ["refuted at cycle 3"], proof),
        ]
    )
    assert "1 found" in section(text, "flakes")
    assert "flipped weight" not in section(text, "flakes")
    assert "1 vacuous" in section(text, "assertions")
    assert "refuted at cycle 3" in section(text, "counterexamples")


def test_what_is_shown_of_other_results_is_not_run_without_them() -> None:
    text = page([result("fabric.tile", data={"transactions": 3}, case="a", level="rtl")])
    for name in ("flakes", "assertions", "counterexamples"):
        assert "NOT RUN.</strong>" in section(text, name)


def test_a_run_that_broke_off_does_not_agree() -> None:
    failed = result("neurons.lif", status="failed", problems=["hung"], data={"transactions": 3}, level="rtl")
    failed = replace(failed, result=replace(failed.result, detectors=["timeout"]))
    assert "1 BROKE OFF" in section(page([failed]), "agreement")


def test_cost_is_held_against_the_last_release() -> None:
    now = {"configuration": "default", "device": "hx8k", "cells": 120, "lut": 100, "ff": 40}
    now |= {"carry": 20, "ram": 0, "dsp": 0, "mhz": 72.5}
    found = result("neurons.lif", "cost", data={**now, "kept": {**now, "cells": 118, "mhz": 73.0}})
    shown = section(page([found]), "check-cost")
    assert "120 (+2)" in shown
    assert "72.5 (−0.5)" in shown


def test_data_divides_by_its_shape() -> None:
    data = divided(
        {
            "a": 1,
            "interval": [0.5, 0.75],
            "few": {"x": 1},
            "many": {str(n): n for n in range(9)},
            "none": [],
            "trace": "one\ntwo",
        }
    )
    assert list(data.figures) == ["a", "interval", "few"]
    assert [table.title for table in data.tables] == ["many"]
    assert data.texts == {"trace": "one\ntwo"}
    assert text_of({"x": 1}) == "x 1"
    assert of_mappings("t", [{"a": 1}, {"b": "c"}]).kinds == ["", ""]
    assert of_mappings("t", [{"a": 1}, {"a": 2.5}]).kinds == ["number"]


def test_without_jinja2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    record = make_record("full", IDENTITY, TITLES, [], [])
    with pytest.raises(MissingTool, match=r"pip install 'spikelock\[report\]'"):
        write_page(record, tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    record = make_record("full", IDENTITY, TITLES, [], [])
    with pytest.raises(BadInput, match="cannot write"):
        write_page(record, tmp_path / "absent" / "page.html")
