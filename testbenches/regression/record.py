"""The record of a regression: one JSON value that says all there is to say. Every report is made from it.

    format       "spikelock regression"
    version      1; another number where the meaning of a key changes
    stage        "smoke", "full", "release"; "focused" for chosen cases and levels of benches; "planted" for a
                 known bug that is to be found
    passed       whether every gate is passed: the verdict, and with it the exit code
    complete     false where the run was interrupted before all tasks were done
    identity     of what was judged, and by whom:
        spikelock    version of the package
        commit       of the checkout, dirty: whether files differ from it; both null for an installed package
        sources      hash of the package's own files
        rtl          core → hash of its RTL at its default parameters; null where Amaranth is missing
        tools        distribution or program → version; null where it is missing
        cores, checks   names, in the order of the report
        seed         root of all seeds
        plant        name of the known bug that was planted, or null
        command      what was typed
        host         system, machine, processor, processors (number), memory_bytes, python
        jobs         tasks at a time, scheduler: address of a cluster, or null
        started      UTC, ISO 8601
        seconds      wall time; of all parts where a run was resumed, resumed: number of earlier parts
    counts       "passed", "failed", "not run" → number of results
    gates        list of {name, required, reached, passed}: what the stage asks for, and what there was
    checks       list of {name, title, counts, seconds, cores}: cores is core → {counts, figure}, where figure
                 is the most telling number of that check in a few words, such as "97.5 % (94.3 to 98.9)"
    results      list of results in the order of the report; each is `Result.to_json()`, that is {task:
                 {check, subject, arguments}, title, status, problems, detectors, again, files, seconds,
                 build_seconds, cycles, data}, and has two keys more: `key` of the task, unique, and the
                 `core` it was run for. A failed result always has a problem and `again`, the command that
                 repeats it; one that was not run has the reason as its problem. What a check keeps under
                 `raw` in its data is for its `conclude` alone and not in the record.
    cost         seconds (of all tasks, added), build_seconds, other_seconds (simulation, solvers, and all
                 else), cycles, cycles_per_second (of the tasks that simulate, builds apart; null where
                 none did), slowest: up to ten of {key, core, check, title, seconds}

A check says its figure by a result of `conclude` whose data has the key `figure`; without one it is the
number of results that passed, of all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole

from .task import Result, Status

FORMAT = "spikelock regression"
VERSION = 1
STATUSES: tuple[Status, ...] = ("passed", "failed", "not run")
SLOWEST = 10


@dataclass(frozen=True)
class Finding:
    """A result, and the core that its task was run for."""

    core: str
    result: Result

    def to_json(self) -> dict[str, Any]:
        """As it stands in a record."""
        values = self.result.to_json()
        values["data"].pop("raw", None)
        return {"key": self.result.task.key, "core": self.core, **values}


def make_record(
    stage: str,
    identity: Mapping[str, Any],
    titles: Mapping[str, str],
    findings: Sequence[Finding],
    gates: Sequence[Mapping[str, Any]],
    complete: bool = True,
) -> dict[str, Any]:
    """The record. titles: of the checks, by name, in the order of the report."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "stage": stage,
        "passed": complete and all(gate["passed"] for gate in gates),
        "complete": complete,
        "identity": dict(identity),
        "counts": count([finding.result for finding in findings]),
        "gates": [dict(gate) for gate in gates],
        "checks": [_check(name, title, findings) for name, title in titles.items()],
        "results": [finding.to_json() for finding in findings],
        "cost": _cost(findings),
    }


def count(results: Sequence[Result]) -> dict[str, int]:
    """How many passed, failed, and were not run."""
    counts = Counter(result.status for result in results)
    return {status: counts[status] for status in STATUSES}


def write_record(record: Mapping[str, Any], file: Path) -> None:
    """Writes the whole file, or none of it. Raises BadInput where it cannot be written."""
    text = json.dumps(record, indent=1, ensure_ascii=False)
    with written_whole(file) as out:
        out.write(f"{text}\n".encode())


def read_record(file: Path) -> dict[str, Any]:
    """A record from its file. Raises BadInput for a file that is not one."""
    try:
        record = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{file} is no record of a regression ({error}); spikelock verify writes one"
        ) from error
    if not isinstance(record, dict) or (record.get("format"), record.get("version")) != (FORMAT, VERSION):
        raise BadInput(
            f"{file} is no record of a regression of version {VERSION}; spikelock verify writes one"
        )
    return record


def _check(name: str, title: str, findings: Sequence[Finding]) -> dict[str, Any]:
    by_core: dict[str, list[Result]] = {}
    for finding in findings:
        if finding.result.task.check == name:
            by_core.setdefault(finding.core, []).append(finding.result)
    everything = [result for results in by_core.values() for result in results]
    return {
        "name": name,
        "title": title,
        "counts": count(everything),
        "seconds": sum(result.seconds for result in everything),
        "cores": {
            core: {"counts": count(results), "figure": _figure(results)} for core, results in by_core.items()
        },
    }


def _figure(results: Sequence[Result]) -> str:
    said = [str(result.data["figure"]) for result in results if "figure" in result.data]
    return "; ".join(said) or f"{count(results)['passed']} of {len(results)}"


def _cost(findings: Sequence[Finding]) -> dict[str, Any]:
    results = [finding.result for finding in findings]
    seconds = sum(result.seconds for result in results)
    building = sum(result.build_seconds for result in results)
    simulated = [result for result in results if result.cycles]
    simulating = sum(result.seconds - result.build_seconds for result in simulated)
    cycles = sum(result.cycles for result in simulated)
    slowest = sorted(findings, key=lambda finding: -finding.result.seconds)[:SLOWEST]
    return {
        "seconds": seconds,
        "build_seconds": building,
        "other_seconds": seconds - building,
        "cycles": cycles,
        "cycles_per_second": cycles / simulating if simulating > 0 else None,
        "slowest": [
            {
                "key": finding.result.task.key,
                "core": finding.core,
                "check": finding.result.task.check,
                "title": finding.result.title,
                "seconds": finding.result.seconds,
            }
            for finding in slowest
        ],
    }
