"""What the runner hands to the simulator's process."""

from __future__ import annotations

import importlib
import pickle
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.testbenches.lockstep.job import Job

ENVIRONMENT_VARIABLE = "SPIKELOCK_COCOTB_ASSIGNMENT"
"""Names the file of the assignment, in the simulator's process."""


@dataclass(frozen=True)
class Assignment:
    """A core, what is set in it, its stimuli, and the timing that the hardware promises.

    four_state: the simulator knows X.
    """

    core: Core
    params: Any
    configuration: Configuration
    jobs: tuple[Job, ...]
    timing: Timing
    four_state: bool

    def save(self, file: Path) -> None:
        """Writes the assignment; the core goes by name, since its functions need not be picklable."""
        file.write_bytes(pickle.dumps((address(self.core), replace(self, core=None))))  # type: ignore[arg-type]

    @staticmethod
    def load(file: Path) -> Assignment:
        """Reads an assignment back, in a process that can import the core's module."""
        (module, attribute), assignment = pickle.loads(file.read_bytes())
        return replace(assignment, core=getattr(importlib.import_module(module), attribute))


def address(core: Core) -> tuple[str, str]:
    """Module and attribute that hold a core. Raises BadInput where it is no module's attribute."""
    module = core.reference.__module__
    for attribute, value in vars(sys.modules[module]).items():
        if value is core:
            return module, attribute
    raise BadInput(
        f"core {core.name} is not found in {module}: the simulator's process imports it from there, so it "
        "must be an attribute of the module that defines its `reference`"
    )
