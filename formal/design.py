"""From a proof to the design that the tools read: the core, its claims and covers, as RTLIL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from amaranth.back import rtlil
from amaranth.hdl import Module, Value
from amaranth.lib.wiring import In

from spikelock.models.errors import BadInput

from .bench import drive_as_a_bench
from .proof import Proof
from .properties import HELPER, TRIED, Inside

TOP = "top"
CHECK = re.compile(
    r'^(?P<indent> *)attribute \\src "(?P<source>[^"]*)"\n'
    r" *cell \$check \$\d+\n"
    r'(?P<parameters>(?: *parameter .*\n)*? *parameter \\FORMAT "(?P<name>.*)"\n'
    r'(?: *parameter .*\n)*? *parameter \\FLAVOR "(?P<flavour>\w+)"\n)',
    re.MULTILINE,
)
SOURCE_LINE = re.compile(r'^ *attribute \\src ".*"\n', re.MULTILINE)
MODULE_OR_SIGNED_WIRE = re.compile(
    r"^module \\(?P<module>\S+)$|^ *wire (?=.*\bsigned\b).*\\(?P<wire>\S+)$", re.MULTILINE
)


@dataclass(frozen=True)
class Claim:
    """One assertion, assumption or cover: its name, and the line of the properties that makes it."""

    name: str
    source: str


@dataclass(frozen=True)
class Design:
    """What the tools read.

    claims, covers: by the name of their cell.
    registers: names of the core's own registers. signed: paths of the signals that are signed numbers.
    states: for each state machine of the core, by the path of its register, the names of its states.
    """

    rtlil: str
    claims: Mapping[str, Claim]
    covers: Mapping[str, Claim]
    registers: frozenset[str]
    signed: frozenset[str]
    states: Mapping[str, Mapping[int, str]]

    @property
    def without_lines(self) -> str:
        """The RTLIL without source lines: what decides the result."""
        return SOURCE_LINE.sub("", self.rtlil)


def design(proof: Proof, component: Any = None, *, as_a_bench: bool = False) -> Design:
    """The design of a proof, with its own core or with a broken one.

    as_a_bench: only for runs that a bench can play, see `bench.py`. Raises BadInput where nothing is claimed
    or nothing is covered, for then a proof would pass whatever the core does, and where two properties have
    the same name.
    """
    core = component or proof.component()
    m = Module()
    inside = Inside(core)
    proof.properties(m, core, inside)
    if as_a_bench:
        drive_as_a_bench(m, core)
    m.submodules.core = inside.fragment
    inputs = [Value.cast(value) for _, member, value in core.signature.flatten(core) if member.flow is In]
    text, checks = _name_checks(proof, rtlil.convert(m, ports=inputs, name=TOP))
    claims = [claim.name for claim in checks["assert"].values() if not claim.name.startswith(HELPER)]
    covers = [cover.name for cover in checks["cover"].values() if not cover.name.startswith(TRIED)]
    if not claims or not covers:
        raise BadInput(f"{proof} claims nothing, or covers nothing: it would pass whatever the core does")
    states = {
        f"{TOP}.core.{name}_state": {number: state for state, number in machine.encoding.items()}
        for name, machine in inside.fragment.generated.items()
    }
    return Design(text, checks["assert"], checks["cover"], inside.registers, _signed_wires(text), states)


def _name_checks(proof: Proof, text: str) -> tuple[str, Mapping[str, Mapping[str, Claim]]]:
    """Gives each check the name of its claim, by which the tools then speak of it."""
    checks: dict[str, dict[str, Claim]] = {"assert": {}, "assume": {}, "cover": {}}

    def rename(match: re.Match[str]) -> str:
        indent, name = match["indent"], match["name"]
        cell = match["flavour"] + "_" + re.sub(r"\W+", "_", name)
        if cell in checks[match["flavour"]]:
            raise BadInput(f"{proof} has two properties called {name!r}: give each a name of its own")
        source = re.sub(r".*/spikelock/", "", match["source"])
        checks[match["flavour"]][cell] = Claim(name, source)
        # `keep`: or Yosys would merge two covers of one condition, and report one of them
        return (
            f'{indent}attribute \\src "{match["source"]}"\n{indent}attribute \\keep 1\n'
            f"{indent}cell $check \\{cell}\n{match['parameters']}"
        )

    return CHECK.sub(rename, text), checks


def _signed_wires(text: str) -> frozenset[str]:
    module, signed = "", set()
    for match in MODULE_OR_SIGNED_WIRE.finditer(text):
        if match["module"]:
            module = match["module"]
        else:
            signed.add(f"{module}.{match['wire']}")
    return frozenset(signed)
