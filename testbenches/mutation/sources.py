"""The text of source lines."""

from __future__ import annotations

import linecache
import re
from pathlib import Path

import spikelock.models

PACKAGE = Path(spikelock.models.__file__).parents[1]


def source_text(source: str) -> str:
    """The line that `rtl/neurons/lif.py:70` names, without its indentation; nothing where it is not there."""
    match = re.fullmatch(r"(.+\.py):(\d+).*", source)
    return linecache.getline(str(PACKAGE / match[1]), int(match[2])).strip() if match else ""
