"""Proves that an alteration changes nothing: equal states and inputs give equal next states and outputs.

Registers and memories are taken out of the design: what they show becomes an input, what they are given an
output. What is left is combinational, and a SAT solver compares it with and without the alteration, for every
state, whether it can occur or not. Where the two are equal, so are all runs, cycle by cycle. Where they are
not, nothing is known yet: the state may not occur, or the difference may never reach an output.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from spikelock.testbenches.alterations import UNALTERED, Altering, selector_port
from spikelock.testbenches.alterations.alteration import SELECTOR
from spikelock.testbenches.lockstep.verilog import TOP
from spikelock.testbenches.yosys import run_yosys

STATE = re.compile(r"\$(a|s|al)?dff|\$dlatch|\$a?sr|\$ff|\$mem")
"""Types of cells that hold state, in a design without processes."""

SECONDS = 8
"""Time of one comparison; Yosys has no limit of its own that works in every build of it."""

MOST_SECONDS = 40
"""Time of all comparisons of a design: what is not decided by then remains unknown."""

SIMPLIFY = "opt_expr -full\nopt_merge\n"
PROVED, REFUTED = "no model found: SUCCESS!", "model found: FAIL!"

Cells = dict[str, dict[str, Any]]


def prove_equal(prepared: str, alterations: Sequence[Altering]) -> set[int]:
    """The numbers of the alterations of a prepared design that are proved to change nothing.

    Comparisons take `SECONDS` each, `MOST_SECONDS` in all, or little more.
    """
    if not alterations:
        return set()
    bits = selector_port(alterations).width
    commands = "".join(alteration.commands(bits) for alteration in alterations)
    flat = (
        f"read_rtlil prepared.il\n{commands}hierarchy -top {TOP}\nflatten\nopt_clean\nwrite_json flat.json\n"
    )
    design = json.loads(run_yosys(flat, {"prepared.il": prepared}, ["flat.json"])["flat.json"])
    _take_state_out(design["modules"][TOP])
    step, proved = json.dumps(design), set()
    left = [alteration.number for alteration in alterations]
    deadline = time.monotonic() + MOST_SECONDS
    while left and time.monotonic() < deadline:
        verdicts = _compare(step, bits, left)
        proved |= {number for number, verdict in verdicts.items() if verdict}
        # The one under way when time was up begins the next run, unless it had all the time of this one.
        left = [number for number in left if number not in verdicts] if verdicts else left[1:]
    return proved


def _compare(step: str, bits: int, numbers: Sequence[int]) -> dict[int, bool]:
    """Which of these alterations change nothing; those that are compared before the time is up."""
    script = ["read_json step.json", f"hierarchy -top {TOP}", "design -save altered"]
    script += _selected(UNALTERED, bits, "gold")
    for number in numbers:
        script += _selected(number, bits, "gate")
        script += [
            "design -copy-from gold -as gold gold",
            "design -copy-from gate -as gate gate",
            "miter -equiv -flatten gold gate miter",
            "hierarchy -top miter",
            SIMPLIFY * 2 + "opt_clean",
            f"tee -o {number}.txt sat -prove trigger 0 miter",
        ]
    texts = run_yosys("\n".join(script), {"step.json": step}, [f"{n}.txt" for n in numbers], SECONDS)
    verdicts = {number: texts.get(f"{number}.txt", "") for number in numbers}
    return {n: PROVED in text for n, text in verdicts.items() if PROVED in text or REFUTED in text}


def _selected(number: int, bits: int, name: str) -> list[str]:
    """Commands that leave behind, under a name, the design with one selection."""
    return [
        "design -load altered",
        f"delete -input {TOP}/{SELECTOR}",
        f"cd {TOP}",
        f"connect -set {SELECTOR} {bits}'b{number:0{bits}b}",
        "cd ..",
        SIMPLIFY + "opt_clean",
        f"rename {TOP} {name}",
        f"design -stash {name}",
    ]


def _take_state_out(module: dict[str, Any]) -> None:
    """Makes ports of what goes into and out of registers and memories, but for their clocks."""
    module.pop("memories", None)
    for net in module["netnames"].values():
        net["attributes"].pop("init", None)  # what shows a register is an input now: no value is its first
    cells: Cells = module["cells"]
    holders = {name: cell for name, cell in cells.items() if STATE.match(cell["type"])}
    for name in [n for n, cell in cells.items() if n in holders or cell["type"] == "$scopeinfo"]:
        del cells[name]
    unused = iter(range(1 + max(_bits(module)), 1 << 62))
    _mask_by_valid(module["ports"], cells, unused)
    for number, cell in enumerate(holders.values()):
        if cell["type"].startswith("$memwr"):
            _mask_by_enable(cell["connections"], cells, unused)
        for port, bits in cell["connections"].items():
            if port.endswith("CLK") or not bits:
                continue
            inward = cell["port_directions"][port] == "input"
            module["ports"][f"state{number}_{port}"] = {
                "direction": "output" if inward else "input",
                "bits": bits,
            }


def _mask_by_valid(ports: dict[str, Any], cells: Cells, unused: Iterator[int]) -> None:
    """What a stream puts out counts only while it is valid."""
    for name, port in ports.items():
        stream = name.removesuffix("__payload")
        if port["direction"] == "output" and stream != name and f"{stream}__valid" in ports:
            masked = [next(unused) for _ in port["bits"]]
            valid = ports[f"{stream}__valid"]["bits"] * len(masked)
            cells[f"masked{masked[0]}"] = _cell("$and", A=port["bits"], B=valid, Y=masked)
            port["bits"] = masked


def _mask_by_enable(pins: dict[str, list[Any]], cells: Cells, unused: Iterator[int]) -> None:
    """What a write port is given counts only where it writes: the data bit by bit, the address if it does."""
    enable = pins["EN"]
    writes = [next(unused)]
    cells[f"writes{writes[0]}"] = _cell("$reduce_or", A=enable, Y=writes)
    for port, mask in (("DATA", enable), ("ADDR", writes * len(pins["ADDR"]))):
        if not mask:
            continue  # a memory of one record has no address
        masked = [next(unused) for _ in mask]
        cells[f"masked{masked[0]}"] = _cell("$and", A=pins[port], B=mask, Y=masked)
        pins[port] = masked


def _cell(kind: str, **pins: list[Any]) -> dict[str, Any]:
    parameters = {f"{port}_WIDTH": f"{len(bits):032b}" for port, bits in pins.items()}
    signs = {f"{port}_SIGNED": "0" * 32 for port in pins if port != "Y"}
    directions = {port: "output" if port == "Y" else "input" for port in pins}
    return {
        "type": kind,
        "parameters": parameters | signs,
        "port_directions": directions,
        "connections": pins,
    }


def _bits(module: dict[str, Any]) -> Iterator[int]:
    for group in ("ports", "netnames"):
        for item in module[group].values():
            yield from (bit for bit in item["bits"] if isinstance(bit, int))
    for cell in module["cells"].values():
        for bits in cell["connections"].values():
            yield from (bit for bit in bits if isinstance(bit, int))
