"""What a command gives back, and how it is written to a file."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """Exit code, and the same result that the screen shows as JSON-able data."""

    exit_code: int
    data: dict[str, Any] = field(default_factory=dict)


def write_json(path: str, data: dict[str, Any]) -> None:
    """Writes the whole file or, where that fails, none of it."""
    target = Path(path)
    with tempfile.NamedTemporaryFile("w", dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            json.dump(data, file, indent=2, default=str)
            file.write("\n")
            file.flush()
            os.replace(file.name, target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
