"""A regression case in one small file for people and programs: JSON, suffix `.json`.

    spikelock_case   1, the version of this format
    core             its name
    found            how it was found: detector, level, what it says, origin
    params           the core's Params, every field; enumerations by value, dataclasses as objects
    registers        by name, those that differ from their values after reset
    memories         by name: the names of the fields, and by address the records that are not all zero
    inputs           by stream: the names of the fields, and a row for each transaction
    stalls           by stream, where there is one: begin, end, after_valid, cycles (see `lockstep.Stall`)
    seed             of the stalls
    resets           cycles at which one begins; reset_length: cycles that each lasts
    drain            cycles without a transaction after which the run is over

Numbers are raw integers. What is missing, of `registers` and below, is empty or has its usual value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.models.core import find_core
from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole
from spikelock.models.plain_data import from_plain, to_plain
from spikelock.models.ports import Layout, Records
from spikelock.testbenches.lockstep import Job, Stall

from .case import MOST_CYCLES, Found, RegressionCase

VERSION = 1

FIELDS = (
    *("spikelock_case", "core", "found", "params"),
    *("registers", "memories", "inputs", "stalls", "seed", "resets", "reset_length", "drain"),
)
NEEDED = ("spikelock_case", "core", "found", "params", "inputs")
LINE = 90
"""Characters of a line, as far as its parts let it be."""


def save(case: RegressionCase, path: str | Path) -> None:
    """Writes the file, whole or not at all. Raises BadInput where that fails.

    The same case gives the same bytes.
    """
    with written_whole(path) as file:
        file.write(text_of(case).encode())


def load(path: str | Path) -> RegressionCase:
    """Reads such a file. Raises BadInput, naming file and place, where it is no case of a known core."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot read {path}: {error.strerror}; 'spikelock verify' writes such files where a core fails"
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not a regression case: it is no text in UTF-8 ({error.reason})") from error
    try:
        return case_of(text)
    except BadInput as error:
        raise type(error)(f"{path}: {error}") from error


def text_of(case: RegressionCase) -> str:
    """The text of the file."""
    core, params, job = case.core, case.params, case.job
    inputs, memories = core.inputs(params), core.memories(params)
    data = {
        "spikelock_case": VERSION,
        "core": core.name,
        "found": to_plain(case.found),
        "params": to_plain(params),
        "registers": {name: int(value) for name, value in case.registers.items()},
        "memories": {
            name: _sparse(memories[name].layout, records) for name, records in case.memories.items()
        },
        "inputs": {
            name: {"fields": list(port.fields), "rows": [list(row) for row in job.inputs[name].tolist()]}
            for name, port in inputs.items()
        },
        "stalls": {
            name: _changed(to_plain(stall), to_plain(Stall(0.0, 1.0))) for name, stall in case.stalls.items()
        },
        "seed": int(job.seed),
        "resets": [int(cycle) for cycle in job.resets],
        "reset_length": job.reset_length,
        "drain": job.drain,
    }
    return f"{_written(data)}\n"


def case_of(text: str) -> RegressionCase:
    """The case of such a text. Raises BadInput."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"it is not JSON: {error}; 'spikelock verify' writes such files") from error
    data = _object(data, "the file")
    if "spikelock_case" not in data:
        raise BadInput(
            "it is not a regression case: it has no 'spikelock_case'; 'spikelock verify' writes such files"
        )
    if data["spikelock_case"] != VERSION:
        raise BadInput(f"it has version {data['spikelock_case']!r}; this spikelock reads version {VERSION}")
    for name in NEEDED:
        if name not in data:
            raise BadInput(f"{name!r} is missing")
    for name in data:
        if name not in FIELDS:
            raise BadInput(f"nothing is called {name!r}; there are: {', '.join(FIELDS)}")
    try:
        return _case(data)
    except (MemoryError, OverflowError) as error:
        raise BadInput(f"its parameters are too large for this machine: {error}") from error


def _case(data: Mapping[str, Any]) -> RegressionCase:
    core = find_core(from_plain(str, data["core"], "core"))
    params = from_plain(core.params, data["params"])
    inputs, outputs = core.inputs(params), core.outputs(params)
    stalls = {
        name: _stall(one, f"stalls.{name}")
        for name, one in _known(data.get("stalls", {}), [*inputs, *outputs], "stalls").items()
    }
    given = _known(data["inputs"], list(inputs), "inputs")
    records = {
        name: _records(port, _needed(given, name, "inputs"), f"inputs.{name}")
        for name, port in inputs.items()
    }
    for group in core.steps_from(params):
        if len({len(records[name]) for name in group}) > 1:
            raise BadInput(
                f"inputs: {', '.join(f'{name} has {len(records[name])} rows' for name in group)}; "
                "all streams need the same number"
            )
    memories = core.memories(params)
    case = RegressionCase(
        core,
        params,
        Job(
            records,
            stalls=stalls,
            seed=_integer(data.get("seed", 0), "seed", (1 << 64) - 1),
            resets=_integers(data.get("resets", []), "resets"),
            reset_length=_integer(data.get("reset_length", 1), "reset_length"),
            drain=_integer(data.get("drain", Job().drain), "drain"),
        ),
        from_plain(Found, data["found"], "found"),
        {
            name: from_plain(int, value, f"registers.{name}")
            for name, value in _object(data.get("registers", {}), "registers").items()
        },
        {
            name: _memory(memories[name].layout, memories[name].depth, one, f"memories.{name}")
            for name, one in _known(data.get("memories", {}), list(memories), "memories").items()
        },
    )
    _ = case.configuration  # registers are known, and values fit
    return case


# ---------------------------------------------------------------- parts


def _sparse(layout: Layout, records: Records) -> dict[str, Any]:
    rows = {str(address): list(row) for address, row in enumerate(records.tolist()) if any(row)}
    return {"fields": list(layout.fields), "records": rows}


def _memory(layout: Layout, depth: int, data: Any, where: str) -> Records:
    rows = _object(_part(layout, data, where, "records"), f"{where}.records")
    addresses = []
    for text in rows:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < depth):
            raise BadInput(f"{where}.records: {text!r} is no address; 0 … {depth - 1} are")
        addresses.append(int(text))
    given = _rows(layout, list(rows.values()), f"{where}.records")
    whole = np.zeros(max(addresses, default=-1) + 1, layout.dtype)
    whole[addresses] = given
    return whole


def _records(layout: Layout, data: Any, where: str) -> Records:
    return _rows(layout, _part(layout, data, where, "rows"), f"{where}.rows")


def _part(layout: Layout, data: Any, where: str, name: str) -> Any:
    """`rows` or `records`, after a look at the names of the fields."""
    given = _known(data, ["fields", name], where)
    if _needed(given, "fields", where) != list(layout.fields):
        raise BadInput(f"{where}.fields: {given['fields']!r} is given; the core has {list(layout.fields)}")
    return _needed(given, name, where)


def _rows(layout: Layout, rows: Any, where: str) -> Records:
    if not isinstance(rows, list):
        raise BadInput(f"{where}: a list of rows is needed")
    for number, row in enumerate(rows):
        if (
            not isinstance(row, list)
            or len(row) != len(layout.fields)
            or any(type(v) is not int for v in row)
        ):
            raise BadInput(
                f"{where}: number {number} is {str(row)[:60]}; {len(layout.fields)} integers are needed"
            )
    try:
        return layout.from_tuples([tuple(row) for row in rows])
    except BadInput as error:
        raise type(error)(f"{where}: {error}") from error


def _stall(data: Any, where: str) -> Stall:
    usual = to_plain(Stall(0.0, 1.0))
    given = {**usual, **_known(data, list(usual), where)}
    given["cycles"] = list(_integers(given["cycles"], f"{where}.cycles"))
    stall: Stall = from_plain(Stall, given, where)
    return stall


def _integers(data: Any, where: str) -> tuple[int, ...]:
    if not isinstance(data, list):
        raise BadInput(f"{where}: {str(data)[:60]} is given; a list of cycles is needed")
    return tuple(_integer(one, where) for one in data)


def _integer(data: Any, where: str, most: int = MOST_CYCLES) -> int:
    value: int = from_plain(int, data, where)
    if not 0 <= value <= most:
        raise BadInput(f"{where}: {value} is given; 0 … {most} is possible")
    return value


def _object(data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise BadInput(f"{where}: {str(data)[:60]} is given; an object with names is needed")
    return data


def _known(data: Any, names: list[str], where: str) -> dict[str, Any]:
    given = _object(data, where)
    for name in given:
        if name not in names:
            raise BadInput(f"{where}: nothing is called {name!r}; there are: {', '.join(names) or 'none'}")
    return given


def _needed(data: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in data:
        raise BadInput(f"{where}.{name} is missing")
    return data[name]


def _changed(data: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value != usual[name]}


def _written(value: Any, indent: str = "") -> str:
    """JSON in lines that are filled; what is at the top has a line of its own."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list) or (indent and len(indent) + len(line) <= LINE):
        return line
    inner = f"{indent}  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {_written(one, inner)}" for name, one in value.items()]
    else:
        parts = [_written(one, inner) for one in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return "\n".join([opening, *_filled(parts, inner, LINE if indent else 0), f"{indent}{closing}"])


def _filled(parts: list[str], indent: str, width: int) -> list[str]:
    """The parts, with commas between them: as many to a line as fit, those of several lines alone."""
    lines: list[str] = []
    for number, part in enumerate(parts):
        text = part if number == len(parts) - 1 else f"{part},"
        if number and len(lines[-1]) + 1 + len(text) <= width and "\n" not in lines[-1] + text:
            lines[-1] += f" {text}"
        else:
            lines.append(indent + text)
    return lines
