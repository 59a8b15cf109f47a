"""Verilog files as one text that still knows, by the comments of `places.py`, where its lines come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from spikelock.models.errors import BadInput

INCLUDE = re.compile(r'^\s*`include\s+"([^"]+)"')
DEEPEST = 20
"""Files that include each other so deep include themselves."""


def read_sources(files: Sequence[str | Path]) -> str:
    """The text of Verilog files, in their order, with the files that they include in their places.

    Raises BadInput where a file cannot be read, or includes itself.
    """
    return "".join(line + "\n" for file in files for line in _lines(Path(file), 0))


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
