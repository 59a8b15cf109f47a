"""The record of a regression as JUnit XML, which build servers read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from spikelock.models.files import written_whole


def write_junit(record: Mapping[str, Any], file: Path) -> None:
    """Writes one suite a check, one case a result, and the gates as a suite of their own.

    What was not run is skipped, with the reason. Raises BadInput where the file cannot be written.
    """
    root = ElementTree.Element("testsuites", name=f"spikelock verify, stage {record['stage']}")
    for check in record["checks"]:
        results = [result for result in record["results"] if result["task"]["check"] == check["name"]]
        suite = _suite(root, check["title"], results)
        for result in results:
            _case(suite, f"{check['name']}.{result['core']}", result)
    suite = ElementTree.SubElement(root, "testsuite", name="Gates", tests=str(len(record["gates"])))
    suite.set("failures", str(sum(not gate["passed"] for gate in record["gates"])))
    for gate in record["gates"]:
        case = ElementTree.SubElement(suite, "testcase", classname="gates", name=_clean(gate["name"]))
        if not gate["passed"]:
            text = _clean(f"{gate['required']} is required; there was: {gate['reached']}")
            ElementTree.SubElement(case, "failure", message=text)
    with written_whole(file) as out:
        out.write(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _suite(root: ElementTree.Element, title: str, results: list[Mapping[str, Any]]) -> ElementTree.Element:
    def number(status: str) -> str:
        return str(sum(result["status"] == status for result in results))

    return ElementTree.SubElement(
        root,
        "testsuite",
        name=title,
        tests=str(len(results)),
        failures=number("failed"),
        skipped=number("not run"),
        errors="0",
        time=f"{sum(result['seconds'] for result in results):.3f}",
    )


def _case(suite: ElementTree.Element, classname: str, result: Mapping[str, Any]) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=classname,
        name=_clean(result["title"]),
        time=f"{result['seconds']:.3f}",
    )
    message = _clean(result["problems"][0]) if result["problems"] else ""
    if result["status"] == "failed":
        failure = ElementTree.SubElement(case, "failure", message=message)
        failure.set("type", ", ".join(dict.fromkeys(result["detectors"])))
        failure.text = _clean("\n".join([*result["problems"], f"again: {result['again']}"]))
    elif result["status"] == "not run":
        ElementTree.SubElement(case, "skipped", message=message)


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)
