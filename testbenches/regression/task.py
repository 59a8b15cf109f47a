"""The unit of a regression: a task, which is plain data, and its result, which is plain data too.

Both are JSON values through and through, so that a task can run in another process or on another machine, and
a result can be kept, resumed from, and shown, without the code that made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Stage = Literal["smoke", "full", "release"]
STAGES: tuple[Stage, ...] = ("smoke", "full", "release")
"""How much is run: a look, everything once, everything at length."""

Status = Literal["passed", "failed", "not run"]


@dataclass(frozen=True)
class Task:
    """One self-contained piece of work.

    check: the check it belongs to, by the name of its module. subject: what is judged, most often a core.
    arguments: JSON values; together with check and subject all that `run` needs.
    """

    check: str
    subject: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Tells this task from all others, in every process and on every machine."""
        text = json.dumps([self.check, self.subject, self.arguments], sort_keys=True)
        return f"{self.check}-{self.subject}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Result:
    """What became of a task.

    title: what was checked, in a few words, such as "case published at rtl".
    status: `not run` where a tool or hardware is absent; never for a failure.
    problems: one sentence each; why it failed, or why it was not run. Empty for a pass.
    detectors: by which kind of check each problem was found, such as "scoreboard" or "proof".
    again: the one command that repeats it. files: what it left for people, such as waves, by what they are.
    seconds: it took in all. build_seconds: of those, for building. cycles: of simulated hardware.
    data: figures of this check, JSON values, for the report.
    """

    task: Task
    title: str
    status: Status
    problems: Sequence[str] = ()
    detectors: Sequence[str] = ()
    again: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    build_seconds: float = 0.0
    cycles: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` is the inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Result:
        """From JSON values."""
        return cls(**{**values, "task": Task(**values["task"])})


class Check(Protocol):
    """What a module in `regression/checks` offers; the module itself is the check."""

    TITLE: str
    """What it checks, as the heading of its section in a report."""

    def tasks(self, core: str, stage: Stage, seed: int) -> list[Task]:
        """What there is to do for a core at a stage. Empty where the check does not apply to it."""
        ...

    def run(self, task: Task) -> Result:
        """Does it. A failure is a result; MissingTool, and only that, becomes `not run`."""
        ...

    def conclude(self, core: str, stage: Stage, results: Sequence[Result]) -> list[Result]:
        """What only shows once all results of a core are in, such as coverage or a score."""
        ...
