"""The view of SystemRDL 2.0, and through PeakRDL a page in HTML and IP-XACT.

Addresses are those of `bus.axi4_lite` and `bus.wishbone`: register i is word i, four bytes each, or eight
where a register has more than 32 bits.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from spikelock.models.errors import MissingTool

from .described import Described, format_of


def text(described: Described) -> str:
    """The register map as an `addrmap`."""
    bytes_each = described.word_bytes
    lines = [f"// Registers of {described.name}. Made by 'spikelock registers'; do not edit."]
    lines += [f"addrmap {described.identifier} {{", f"    name = {quoted(described.name)};"]
    lines += [f"    default regwidth = {8 * bytes_each};", f"    default accesswidth = {8 * bytes_each};"]
    for index, (name, register) in enumerate(described.registers.items()):
        q, access = register.q, "r" if name in described.read_only else "rw"
        value = register.reset % (1 << q.width)
        lines += [
            "    reg {",
            f"        name = {quoted(name)};",
            f"        desc = {quoted(f'{register.doc}; {format_of(q)}')};",
            f"        field {{ sw = {access}; hw = {'w' if access == 'r' else 'r'}; }} "
            f"bits[{q.width - 1}:0] = {q.width}'h{value:X};",
            # escaped: a name may be a word of the language, as `reset` is
            f"    }} \\{name} @ 0x{index * bytes_each:X};",
        ]
    return "\n".join([*lines, "};", ""])


def quoted(text: str) -> str:
    """A string of SystemRDL."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def elaborated(described: Described) -> Iterator[Any]:
    """What systemrdl-compiler makes of it: the root node. Raises MissingTool where it is not installed.

    The source is a file until the end, as some exporters look into it.
    """
    compiler = _tool("systemrdl").RDLCompiler()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{described.identifier}.rdl"
        source.write_text(text(described), encoding="utf-8")
        compiler.compile_file(str(source))
        yield compiler.elaborate()


def write_html(described: Described, folder: Path) -> None:
    """PeakRDL's page: `index.html` and what it needs. Raises MissingTool."""
    exporter = _tool("peakrdl_html").HTMLExporter()
    with elaborated(described) as root:
        exporter.export(root, str(folder))


def write_ip_xact(described: Described, file: Path) -> None:
    """IP-XACT (IEEE 1685-2014) by PeakRDL. Raises MissingTool."""
    exporter = _tool("peakrdl_ipxact").IPXACTExporter(vendor="spikelock", library="registers")
    with elaborated(described) as root:
        exporter.export(root, str(file))


def _tool(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != module:
            raise
        raise MissingTool("SystemRDL needs PeakRDL: pip install 'spikelock[views]'") from None
