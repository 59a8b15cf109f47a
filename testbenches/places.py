"""Where the lines of a Verilog text come from: a comment `// source FILE:LINE` says it of the next line."""

from __future__ import annotations

import re
from functools import lru_cache

PLACE = re.compile(r"^// source (.+):(\d+)$", re.MULTILINE)

WRAPPER = "wrapper"
"""The FILE of lines that no user wrote, but that stand around a user's module."""


def place(text: str, line: int) -> str | None:
    """`FILE:LINE` of a line of a text; lines count from 1. None where it stems from no file."""
    above = [mark for mark in _marks(text) if mark[0] < line]
    if not above:
        return None
    at, file, first = above[-1]
    return f"{file}:{first + line - at - 1}" if first else None


@lru_cache(maxsize=8)
def _marks(text: str) -> list[tuple[int, str, int]]:
    """Line of each comment, and what it says."""
    found = ((number, PLACE.match(line)) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, match[1], int(match[2])) for number, match in found if match]


def with_places(message: str, text: str, name: str) -> str:
    """A tool's message about such a text, known to it as the file `name`, with the true files and lines."""

    def true(match: re.Match[str]) -> str:
        return place(text, int(match[1])) or match[0]

    return re.sub(rf"\b{re.escape(name)}:(\d+)", true, message)


def with_directives(text: str) -> str:
    """The text with Verilog's own `line directives in the place of the comments."""
    return PLACE.sub(lambda match: f'`line {match[2]} "{match[1].replace(" ", "_")}" 0', text)
