"""Tables of a core, rendered from its declarations, so that they cannot differ from the hardware.

    ```{core-table} neurons.lif registers
    :params: PUBLISHED
    ```

The second argument is one of: ports, registers, memories, parameters, timing, cost, proofs. `params` names an
object of the core's module; without it the table is for the default parameters.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from spikelock.formal.proof import proofs as proofs_of
from spikelock.models.core import Core, find_core
from spikelock.models.fixed import Q
from spikelock.models.ports import Layout
from spikelock.testbenches.netlist.cost import growth, read_costs, releases
from spikelock.testbenches.netlist.placing import DEVICES

COST = Path(__file__).parents[1] / "cost"
"""What `spikelock cost --keep` writes, a file for each release."""

Table = tuple[list[str], list[list[str]]]
"""Headings, and rows of cells. `name` in back-quotes is set as code."""


def ports(core: Core, params: Any) -> Table:
    """Every pin of the hardware, field by field."""
    rows = []
    for direction, some in (("in", core.pins(params)), ("out", core.outputs(params))):
        for name, port in some.items():
            head = [f"`{name}`", direction, port.kind]
            if name == "registers":
                rows.append([*head, "one per register", f"{port.width - 1}:0", "see the registers"])
                continue
            for field, bits, form in _fields(port):
                rows.append([*head, f"`{field}`", bits, form])
                head = ["", "", ""]
    return ["port", "direction", "kind", "field", "bits", "format"], rows


def registers(core: Core, params: Any) -> Table:
    """What a host may set."""
    declared = core.registers(params)
    places = _fields(Layout({name: register.q for name, register in declared.items()}))
    rows = [
        [str(address), f"`{name}`", bits, form, str(register.reset), register.doc]
        for address, ((name, register), (_, bits, form)) in enumerate(
            zip(declared.items(), places, strict=True)
        )
    ]
    return ["address", "register", "bits", "format", "reset", "meaning"], rows


def memories(core: Core, params: Any) -> Table:
    """What a host loads."""
    rows = []
    for number, (name, memory) in enumerate(core.memories(params).items()):
        head, meaning = [str(number), f"`{name}`", str(memory.depth)], memory.doc
        for field, bits, form in _fields(memory.layout):
            rows.append([*head, f"`{field}`", bits, form, meaning])
            head, meaning = ["", "", ""], ""
    return ["number", "memory", "records", "field", "bits", "format", "meaning"], rows


def parameters(core: Core, params: Any) -> Table:
    """What is fixed when the hardware is made, with the meanings its docstring gives."""
    # A register that the core can have, and does not have with these parameters, is a constant.
    meanings = {
        **{name: f"constant: {register.doc}" for name, register in core.registers(core.params()).items()},
        **{name: f"value of the register `{name}` after reset" for name in core.registers(params)},
        **_meanings(core.params),
    }
    rows = []
    for field in dataclasses.fields(core.params):
        meaning = meanings.get(field.name, "")
        rows.append([f"`{field.name}`", _value(getattr(params, field.name)), meaning])
    return ["parameter", "value here", "meaning"], rows


def timing(core: Core, params: Any) -> Table:
    """What a bench checks while nothing stalls."""
    promised = core.timing(params)
    rows = [
        [
            name,
            f"{cycles} cycle{'s' * (cycles != 1)}" if cycles is not None else "depends on the data",
            meaning,
        ]
        for name, cycles, meaning in (
            (
                "latency",
                promised.latency,
                "from the edge that accepts an input to the edge at which its output can pass",
            ),
            ("interval", promised.interval, "between two inputs that are accepted back to back"),
        )
    ]
    return ["", "while nothing stalls", "meaning"], rows


def cost(core: Core, params: Any) -> Table:
    """Every configuration that is kept, placed and routed; and what grew since the release before."""
    files = releases(COST)
    now = [one for one in read_costs(files[-1]) if one.core == core.name]
    before = {one.name: one for one in read_costs(files[-2])} if len(files) > 1 else {}
    rows = []
    for one in now:
        speed = f"{one.mhz:.0f} ({min(one.fmax):.0f} … {max(one.fmax):.0f})" if one.fmax else "–"
        was = before.get(one.name)
        rows.append(
            [
                f"`{one.configuration}`",
                DEVICES[one.device].title,
                "does not fit" if one.unfit else str(one.cells),
                *map(str, (one.lut, one.ff, one.carry, one.ram, one.dsp)),
                speed,
                growth(one.cells, was.cells) if was and one.cells and was.cells else "–",
            ]
        )
    kinds = ["logic cells", "LUT", "register", "carry", "RAM", "DSP", "MHz (lowest … highest)"]
    return ["configuration", "device", *kinds, "cells since the last release"], rows


def proofs(core: Core, params: Any) -> Table:
    """What is proved: the proofs themselves say it."""
    rows = [
        [
            proof.name,
            proof.says,
            "every run" if proof.induction is not None else f"the first {proof.depth} cycles",
            str(len(proof.mutants)),
        ]
        for proof in proofs_of(core.name)
    ]
    return ["proof", "what it says", "holds for", "broken cores it catches"], rows


KINDS: dict[str, Callable[[Core, Any], Table]] = {
    function.__name__: function for function in (ports, registers, memories, parameters, timing, cost, proofs)
}


def _fields(layout: Layout) -> list[tuple[str, str, str]]:
    """Name, bits and format of each field, the first in the lowest bits."""
    out, low = [], 0
    for name, q in layout.fields.items():
        out.append((name, f"{low + q.width - 1}:{low}" if q.width > 1 else str(low), _format(q)))
        low += q.width
    return out


def _format(q: Q) -> str:
    point = f", {q.fraction} after the point" if q.fraction else ""
    return f"{'signed' if q.signed else 'unsigned'} {q.width} bit{'s' * (q.width > 1)}{point}"


def _value(value: Any) -> str:
    if isinstance(value, Enum):
        return f"`{type(value).__name__}.{value.name}`"
    if dataclasses.is_dataclass(value):
        return f"`{type(value).__module__.removeprefix('spikelock.models.')}.{type(value).__name__}(…)`"
    if isinstance(value, tuple):
        return f"{len(value)} of " + ", ".join(sorted({_value(element) for element in value}))
    return f"`{value!r}`"


def _meanings(params: type) -> dict[str, str]:
    """From `name, name: what it means` in a docstring, at the beginning of a line or after a full stop, and
    the lines that go on with one.
    """
    out: dict[str, str] = {}
    names: list[str] = []
    known = {field.name for field in dataclasses.fields(params)}
    text = re.sub(r"(?<=\.) (?=\w+(?:, \w+)*: )", "\n", params.__doc__ or "")
    for line in text.splitlines():
        found = re.match(r"\s*(\w+(?:, \w+)*): (.*)", line)
        if found and set(found[1].split(", ")) <= known:
            names, text = found[1].split(", "), found[2]
        else:
            text = line.strip()
            names = names if text and not text.startswith("The other fields") else []
        for name in names:
            out[name] = f"{out.get(name, '')} {text}".strip()
    return out


class CoreTable(SphinxDirective):
    """The directive `core-table`."""

    required_arguments = 2
    option_spec: ClassVar[dict[str, Any]] = {"params": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        name, kind = self.arguments
        if kind not in KINDS:
            raise self.error(f"no table is called {kind!r}; there are: {', '.join(KINDS)}")
        core = find_core(name)
        module = importlib.import_module(core.params.__module__)
        self.env.note_dependency(str(module.__file__))
        params = getattr(module, self.options["params"]) if "params" in self.options else core.params()
        return [render(*KINDS[kind](core, params))]


def render(headings: list[str], rows: list[list[str]]) -> nodes.table:
    """The docutils table."""
    group = nodes.tgroup(cols=len(headings))
    group += [nodes.colspec(colwidth=1) for _ in headings]
    group += nodes.thead("", _row(headings))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group, classes=["colwidths-auto"])


def _row(cells: list[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *_inline(cell))) for cell in cells))


def _inline(text: str) -> list[nodes.Node]:
    """Text in which back-quotes mark code."""
    parts = text.split("`")
    return [nodes.literal("", p) if i % 2 else nodes.Text(p) for i, p in enumerate(parts) if p]


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("core-table", CoreTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
