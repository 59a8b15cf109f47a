"""What a command gives back, and how it is written to a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from spikelock.models.files import written_whole


@dataclass(frozen=True)
class Outcome:
    """Exit code, and the same result that the screen shows as JSON-able data."""

    exit_code: int
    data: dict[str, Any] = field(default_factory=dict)


def write_json(path: str, data: dict[str, Any]) -> None:
    """Writes the whole file or, where that fails, none of it. Raises BadInput where it cannot be written."""
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    with written_whole(path) as file:
        file.write(f"{text}\n".encode())
