"""Where checks leave what failures give: waves, and the smallest stimuli that fail."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "SPIKELOCK_FAILURES"
"""Says the folder to all processes of a run; what a task is called does not depend on it."""


def failures_folder() -> Path:
    """The folder that the run was given, or `build/failures`."""
    return Path(os.environ.get(VARIABLE) or "build/failures")


def set_failures_folder(folder: str) -> None:
    """For this process, and for those that it starts from now on."""
    os.environ[VARIABLE] = folder
