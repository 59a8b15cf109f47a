"""Controls of proofs: an assumption that is dropped must break a claim, a false one must hide the covers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from amaranth.hdl import Module, ResetSignal

from spikelock.formal.design import design
from spikelock.formal.proof import Proof
from spikelock.formal.properties import Inside, assume
from spikelock.formal.runner import ProofResult, prove, prove_altered

from .control import ControlResult, must_be_red

ASSUMPTION = re.compile(
    r"(?:^ *attribute .*\n)*^ *cell \$check \\assume_(?P<name>\w+)\n(?:.*\n)*?^ *end\n", re.MULTILINE
)


def assumptions(proof: Proof) -> list[str]:
    """Names of what a proof assumes, with underscores for spaces."""
    return [match["name"] for match in ASSUMPTION.finditer(design(proof).rtlil)]


def without_assumption(proof: Proof, name: str, folder: Path) -> ControlResult:
    """The proof without one of its assumptions, which is then not needed if it still holds."""
    whole = design(proof)
    weaker = ASSUMPTION.sub(lambda match: "" if match["name"] == name else match[0], whole.rtlil)
    done = prove_altered(proof, replace(whole, rtlil=weaker), folder)
    title = f"proof {proof.name}, not assumed: {name.replace('_', ' ')}"
    red = done.status == "failed" or done.counterexample is not None
    if done.status == "unknown" and not red:
        return ControlResult(title, (), f"{title}: undecided: {done.reason}")
    return must_be_red(title, _seen(done, red))


def with_false_assumption(proof: Proof, folder: Path) -> ControlResult:
    """The proof under the assumption that nothing ever happens: claims hold, and covers are not reached."""

    def properties(m: Module, core: Any, inside: Inside) -> None:
        proof.properties(m, core, inside)
        assume(m, "control: the reset never ends", ResetSignal("sync"))
        for name, member in core.signature.members.items():
            if member.is_signature:
                port = getattr(core, name)
                offered = port.valid if member.flow.name == "In" else port.ready
                assume(m, f"control: nothing passes {name}", ~offered)

    done = prove(replace(proof, properties=properties), folder)
    return must_be_red(f"proof {proof.name}, if nothing happened", _seen(done, bool(done.missing)))


def _seen(done: ProofResult, red: bool) -> tuple[str, ...]:
    return (f"{done.status}: {done.reason}",) if red else ()


def all_dropped(proof: Proof, folder: Path) -> Iterator[ControlResult]:
    """`without_assumption` for each."""
    for name in assumptions(proof):
        yield without_assumption(proof, name, folder)
