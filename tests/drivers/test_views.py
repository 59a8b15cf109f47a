"""Views of register maps: other people's tools read them, and find what the map says."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from spikelock.cli.main import main
from spikelock.drivers.frames import encode
from spikelock.drivers.views import c, python, systemrdl
from spikelock.drivers.views.described import Described, describe
from spikelock.models.core import all_cores
from spikelock.models.errors import BadInput
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Register

EDGES = Described(
    "edges",
    {
        "reset": Register(signed(64), -(2**63), "a name that is a word of SystemRDL; the lowest value"),
        "field": Register(unsigned(64), 2**64 - 1, 'the highest, "quoted" \\ and */ all'),
        "class": Register(unsigned(1), 1, "a word of Python"),
    },
    read_only=frozenset({"field"}),
)
ALL = [describe(core.name) for core in all_cores() if core.registers(core.params())] + [
    describe("board"),
    EDGES,
]
every_map = pytest.mark.parametrize("described", ALL, ids=lambda one: one.name)
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-std=c99")
needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")


def compiled(folder: Path, main_c: str, *sources: Path) -> Path:
    (folder / "main.c").write_text(main_c)
    command = ["gcc", *WARNINGS, f"-I{folder}", "main.c", *map(str, sources), "-o", "main"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "main"


def printed(described: Described, folder: Path) -> dict[str, dict[str, int]]:
    """What a small program says of the constants in the header."""
    (folder / "registers.h").write_text(c.header(described))
    lines = []
    for name in described.registers:
        start = f"{described.identifier}_{name}".upper()
        for what in ("ADDRESS", "BITS", "FRACTION", "SIGNED", "WRITABLE", "MINIMUM", "MAXIMUM", "RESET"):
            value = f"{start}_{what}"
            lines.append(f'    printf("{name} {what} %d %llu\\n", {value} < 0, (unsigned long long){value});')
    body = "\n".join(lines)
    text = f'#include <stdio.h>\n#include "registers.h"\nint main(void)\n{{\n{body}\n    return 0;\n}}\n'
    # a constant that is never negative is compared here, too
    (folder / "main.c").write_text(text)
    command = ["gcc", "-Wall", "-Wextra", "-Wno-type-limits", "-Werror", "-std=c99", "main.c", "-o", "main"]
    subprocess.run(command, cwd=folder, check=True)
    shown: dict[str, dict[str, int]] = {}
    for line in subprocess.check_output([folder / "main"], text=True).splitlines():
        name, what, negative, value = line.split()
        shown.setdefault(name, {})[what] = int(value) - (2**64 if negative == "1" else 0)
    return shown


def in_words(described: Described) -> dict[str, dict[str, int]]:
    """The same from the map."""
    return {
        name: {
            "ADDRESS": described.first + index,
            "BITS": r.q.width,
            "FRACTION": r.q.fraction,
            "SIGNED": int(r.q.signed),
            "WRITABLE": int(name not in described.read_only),
            "MINIMUM": r.q.minimum,
            "MAXIMUM": r.q.maximum,
            "RESET": r.reset,
        }
        for index, (name, r) in enumerate(described.registers.items())
    }


@needs_gcc
@every_map
def test_a_c_program_sees_the_map(described: Described, tmp_path: Path) -> None:
    assert printed(described, tmp_path) == in_words(described)


@needs_gcc
def test_control_another_reset_value_is_seen(tmp_path: Path) -> None:
    changed = {**EDGES.registers, "class": Register(unsigned(1), 0, "")}
    assert printed(replace(EDGES, registers=changed), tmp_path) != in_words(EDGES)


@every_map
def test_systemrdl_compiles_to_the_map(described: Described) -> None:
    pytest.importorskip("systemrdl")
    seen = {}
    with systemrdl.elaborated(described) as root:
        for register in root.top.registers():
            (field,) = register.fields()
            written = "w" in field.get_property("sw").name
            seen[register.inst_name] = (
                register.absolute_address // described.word_bytes,
                field.width,
                field.get_property("reset"),
                written,
            )
            assert field.low == 0
            assert register.size == described.word_bytes
    assert seen == {
        name: (index, r.q.width, r.reset % 2**r.q.width, name not in described.read_only)
        for index, (name, r) in enumerate(described.registers.items())
    }


@every_map
def test_ip_xact_gives_the_map(described: Described, tmp_path: Path) -> None:
    pytest.importorskip("peakrdl_ipxact")
    systemrdl.write_ip_xact(described, tmp_path / "map.xml")
    seen = {}
    for register in ElementTree.parse(tmp_path / "map.xml").iterfind(".//{*}register"):
        offset, width, reset = (
            register.findtext(path, "")
            for path in ("{*}addressOffset", ".//{*}bitWidth", ".//{*}reset/{*}value")
        )
        seen[register.findtext("{*}displayName", "")] = tuple(number(text) for text in (offset, width, reset))
    assert seen == {
        name: (index * described.word_bytes, r.q.width, r.reset % 2**r.q.width)
        for index, (name, r) in enumerate(described.registers.items())
    }


def number(text: str) -> int:
    """A number of IP-XACT, which are those of SystemVerilog: 'h1F."""
    return int(text.replace("'h", "0x"), 0)


def test_html_is_a_page_that_names_the_registers(tmp_path: Path) -> None:
    pytest.importorskip("peakrdl_html")
    systemrdl.write_html(describe("neurons.lif"), tmp_path)
    assert (tmp_path / "index.html").is_file()
    written = "".join(path.read_text(errors="ignore") for path in tmp_path.rglob("*.*") if path.is_file())
    assert "refractory_period" in written


def test_the_python_view_reads_and_writes_and_cannot_write_what_is_only_read() -> None:
    module = ModuleType("edges")
    exec(python.module(EDGES), module.__dict__)
    values = {"reset": 3, "field": 4, "class": 0}
    view = module.__dict__["Edges"](values)
    view.class_ = 1
    assert (view.reset, view.field, values["class"]) == (3, 4, 1)
    with pytest.raises(AttributeError):
        view.field = 5


# ---------------------------------------------------------------- the driver in C


@needs_gcc
def test_frames_of_the_driver_are_those_of_the_rules(tmp_path: Path) -> None:
    """Both ways, with zeros in every place, of every length; and a flipped bit is no frame."""
    program = """
#include <stdio.h>
#include <string.h>
#include "spikelock_link.h"
int main(void)
{
    uint8_t body[SPIKELOCK_LONGEST_BODY], frame[SPIKELOCK_LONGEST_FRAME], back[SPIKELOCK_LONGEST_FRAME];
    for (size_t length = 3; length <= SPIKELOCK_LONGEST_BODY; length++) {
        for (size_t i = 0; i < length; i++)
            body[i] = (uint8_t)((i * length) % 7 < 2 ? 0 : i + length);
        size_t end = spikelock_encode(body, length, frame);
        for (size_t i = 0; i < end; i++)
            printf("%02x", frame[i]);
        printf("\\n");
        if (spikelock_decode(frame, end - 1, back) != length || memcmp(back, body, length))
            return 1;
        frame[end / 2] ^= 0x10;
        if (memchr(frame, 0, end - 1) == NULL && spikelock_decode(frame, end - 1, back))
            return 2;
    }
    return 0;
}
"""
    for name, text in c.driver().items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [compiled(tmp_path, program, tmp_path / "spikelock_link.c")], capture_output=True, text=True
    )
    assert done.returncode == 0
    bodies = (bytes(0 if (i * n) % 7 < 2 else (i + n) % 256 for i in range(n)) for n in itertools.count(3))
    frames = done.stdout.split()
    assert len(frames) == 248
    assert [encode(body).hex() for body, _ in zip(bodies, frames, strict=False)] == frames


def test_the_driver_has_the_numbers_of_the_rules() -> None:
    text = c.driver()["spikelock_link.h"]
    defined = dict(re.findall(r"#define SPIKELOCK_(\w+) (\d+)$", text, re.MULTILINE))
    assert defined["CHANNEL_ECHO"] == "15"
    assert defined["LONGEST_PACKET"] == "247"


# ---------------------------------------------------------------- the command


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registers", "neurons.lif"]) == 0
    assert "refractory" in capsys.readouterr().out
    assert main(["registers", "neurons.lif", "--view", "c", "--set", "width=24"]) == 0
    assert "NEURONS_LIF_THRESHOLD_BITS 24" in capsys.readouterr().out
    assert main(["registers", "board", "--view", "c-driver", "--output", str(tmp_path / "driver")]) == 0
    assert sorted(path.name for path in (tmp_path / "driver").iterdir()) == [
        "board_registers.h",
        "spikelock_link.c",
        "spikelock_link.h",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["neurons.lif", "--set", "constants=true"], "neurons.lif has no registers"),
        (["neurons.lif", "--view", "html"], "say where by --output"),
        (["neurons.lif", "--output", "x"], "goes with --view"),
        (["board", "--set", "a=1"], "the same whatever"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["registers", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_core_without_registers_is_refused() -> None:
    with pytest.raises(BadInput, match=r"bus.wishbone has no registers"):
        describe("bus.wishbone")
