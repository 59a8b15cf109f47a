"""Verilog files as one text that still knows where each of its lines comes from.

A comment `// source FILE:LINE` says where the next line stands; it survives in every copy of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from spikelock.models.errors import BadInput

MARK = re.compile(r"^// source (.+):(\d+)$")
INCLUDE = re.compile(r'^\s*`include\s+"([^"]+)"')
DEEPEST = 20
"""Files that include each other so deep include themselves."""


def read_sources(files: Sequence[str | Path]) -> str:
    """The text of Verilog files, in their order, with the files that they include in their places.

    Raises BadInput where a file cannot be read, or includes itself.
    """
    return "".join(line + "\n" for file in files for line in _lines(Path(file), 0))


def place(text: str, line: int) -> str | None:
    """`FILE:LINE` of a line of such a text; lines count from 1. None where it stems from no file."""
    lines = text.splitlines()
    for distance, above in enumerate(reversed(lines[: line - 1])):
        if match := MARK.match(above):
            return f"{match[1]}:{int(match[2]) + distance}" if int(match[2]) else None
    return None


def with_places(message: str, text: str, name: str) -> str:
    """A tool's message about such a text, known to it as the file `name`, with the true files and lines."""

    def true(match: re.Match[str]) -> str:
        return place(text, int(match[1])) or match[0]

    return re.sub(rf"\b{re.escape(name)}:(\d+)", true, message)


def _lines(file: Path, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise BadInput(f"{file}: files that are included {DEEPEST} deep; does it include itself?")
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}; an existing Verilog file is needed") from error
    yield f"// source {file}:1"
    for number, line in enumerate(text.splitlines(), start=1):
        included = (match := INCLUDE.match(line)) and file.parent / match[1]
        if included and included.is_file():
            yield from _lines(included, depth + 1)
            yield f"// source {file}:{number + 1}"
        else:
            yield line
