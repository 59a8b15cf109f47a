"""Keeps results as they come, one line each, so that an interrupted run can go on.

The first line says what was judged; a run goes on only from results of the very same.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole

from .task import Result

FILE = "results.jsonl"

SAME = ("stage", "cores", "checks", "seed", "plant", "rtl", "sources", "spikelock")
"""What must be equal for a run to go on; of the identity, and the stage."""


class Journal:
    """A file of results in a folder. Use it as a context manager: one run at a time writes to a folder.

    results: those of the earlier parts of the run, without those that were not run, which are tried again.
    seconds, resumed: the wall time of the earlier parts, and how many there were.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], resume: bool) -> None:
        """Begins anew, or reads what there is. Raises BadInput where that is of something else."""
        self._file = folder / FILE
        self._identity = identity
        self._resume = resume
        self._lock = FileLock(folder / f".{FILE}.lock")
        self._started = time.monotonic()
        self.results: list[Result] = []
        self.seconds = 0.0
        self.resumed = 0

    def __enter__(self) -> Journal:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise BadInput(
                f"another run is writing to {self._file.parent}; choose another folder with --report"
            ) from None
        except OSError as error:
            raise BadInput(
                f"cannot write to {self._file.parent}: {error.strerror}; choose another folder with --report"
            ) from error
        try:
            if self._resume:
                self._read()
            self._begin()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._append({"seconds": time.monotonic() - self._started})
        self._lock.release()

    def add(self, result: Result) -> None:
        """Keeps a result: after this it is on the disk."""
        self._append({"result": result.to_json()})

    @property
    def total_seconds(self) -> float:
        """Wall time up to now, of this part and the earlier ones."""
        return self.seconds + time.monotonic() - self._started

    def _read(self) -> None:
        lines = self._lines()
        if not lines or "identity" not in lines[0]:
            raise BadInput(f"there is nothing to go on from in {self._file.parent}; leave out --resume")
        earlier = lines[0]["identity"]
        for name in SAME:
            if earlier.get(name) != self._identity.get(name):
                raise BadInput(
                    f"{self._file} is of another run: its {name} is {_short(earlier.get(name))}, now it is "
                    f"{_short(self._identity.get(name))}; leave out --resume to begin anew"
                )
        self.resumed = 1 + int(lines[0]["resumed"])
        self.seconds = sum(line["seconds"] for line in lines if "seconds" in line)
        kept = {}
        for line in lines:
            if "result" in line:
                result = Result.from_json(line["result"])
                kept[result.task.key] = result
        self.results = [result for result in kept.values() if result.status != "not run"]

    def _lines(self) -> Sequence[dict[str, Any]]:
        """All whole lines: the last may have been cut short by whatever ended the run."""
        if not self._file.exists():
            return []
        lines = []
        for text in self._file.read_text().split("\n"):
            try:
                lines.append(json.loads(text))
            except ValueError:
                continue
        return [line for line in lines if isinstance(line, dict)]

    def _begin(self) -> None:
        first: dict[str, Any] = {"identity": dict(self._identity), "resumed": self.resumed}
        entries = [first, {"seconds": self.seconds}, *({"result": r.to_json()} for r in self.results)]
        with written_whole(self._file) as file:
            file.write("".join(f"{json.dumps(entry)}\n" for entry in entries).encode())

    def _append(self, entry: Mapping[str, Any]) -> None:
        with self._file.open("a") as file:
            file.write(f"{json.dumps(entry)}\n")
            file.flush()
            os.fsync(file.fileno())


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
