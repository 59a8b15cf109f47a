"""What a stage asks for, before its verdict is that it passed.

    smoke     nothing fails; each core passes something. Tools may be missing. So for what is no stage.
    full      besides, nothing is left out but for want of a declared tool; every check passes something
    release   besides, nothing is left out at all

What was not run is never a pass: it is allowed by name, or it fails the gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .record import Finding, count

DECLARED: Mapping[str, str] = {"iverilog": "it comes with the operating system, not with Spikelock"}
"""Programs that a full run can do without, and why."""

STRICT = ("full", "release")

ALLOWED = {
    "smoke": "missing tools are allowed",
    "focused": "missing tools are allowed",
    "planted": "missing tools are allowed",
    "full": f"none is left out, but for want of {', '.join(DECLARED)}",
    "release": "none is left out",
}


def gates_of(
    stage: str,
    titles: Mapping[str, str],
    cores: Sequence[str],
    findings: Sequence[Finding],
    all_cores: bool,
) -> list[dict[str, Any]]:
    """The gates of a stage, and what was reached: as `record.py` describes them.

    titles: of the checks by name. all_cores: whether these are all cores there are; only then must every
    check have had something to do.
    """
    strict = stage in STRICT
    gates = [_all_judged(cores, findings)]
    for name, title in titles.items():
        own = [finding for finding in findings if finding.result.task.check == name]
        if own or (strict and all_cores):
            gates.append(_check(stage, title, own, strict))
    return gates


def _all_judged(cores: Sequence[str], findings: Sequence[Finding]) -> dict[str, Any]:
    judged = {finding.core for finding in findings if finding.result.status == "passed"}
    reached = sum(core in judged for core in cores)
    return {
        "name": "Cores",
        "required": "each passes something",
        "reached": f"{reached} of {len(cores)}",
        "passed": reached == len(cores),
    }


def _check(stage: str, title: str, findings: Sequence[Finding], strict: bool) -> dict[str, Any]:
    counts = count([finding.result for finding in findings])
    left_out = sum(not _allowed(stage, finding) for finding in findings)
    passed = not counts["failed"] and not left_out and (counts["passed"] > 0 or not strict)
    return {
        "name": title,
        "required": f"none fails, {ALLOWED[stage]}{', some pass' if strict else ''}",
        "reached": f"{counts['passed']} passed, {counts['failed']} failed, {counts['not run']} not run",
        "passed": passed,
    }


def _allowed(stage: str, finding: Finding) -> bool:
    """Whether the stage does without a result, where it was not run."""
    result = finding.result
    if result.status != "not run" or stage not in STRICT:
        return True
    missing = [f"{program} is not installed" for program in DECLARED]
    return stage == "full" and any(problem.startswith(tuple(missing)) for problem in result.problems)
