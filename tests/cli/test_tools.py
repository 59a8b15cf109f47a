"""The command line where it needs the tools: generate, cosim at the RTL, interruptions, missing tools."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spikelock.cli.main import main
from spikelock.drivers.transports.faults import RATES
from spikelock.models.network.program import Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.testbenches import network
from spikelock.testbenches.pytest_plugin import Size
from spikelock.testbenches.test_cosim import with_flipped_weight_bit

DIGITS = Path(__file__).resolve().parents[2] / "examples" / "digits"
NET, IMAGES = str(DIGITS / "digits.nir"), str(DIGITS / "test.npz")
SPIKELOCK = [sys.executable, "-m", "spikelock.cli.main"]


def test_generate_writes_verilog_and_its_description(tmp_path: Path) -> None:
    assert (
        main(["generate", "neurons.lif", "-o", str(tmp_path), "--set", "width=12", "--set", "fraction=6"])
        == 0
    )
    description = json.loads((tmp_path / "lif.json").read_text())
    assert "module lif(" in (tmp_path / "lif.v").read_text()
    assert description["params"]["width"] == 12
    assert description["outputs"]["output"]["width"] == 13


def test_generate_puts_a_program_into_the_memories(tmp_path: Path) -> None:
    program = str(tmp_path / "digits.spikelock")
    assert main(["compile", NET, "-o", program]) == 0
    assert main(["generate", "fabric.chain", "-o", str(tmp_path), "--program", program]) == 0
    assert len((tmp_path / "chain.v").read_text()) > 100_000


def test_digits_agree_over_a_line_that_does_its_worst(capsys: pytest.CaptureFixture[str], size: Size) -> None:
    """What a line loses and spoils, the link repairs; what it cannot, `hil/test_virtual_board.py` finds."""
    faults = ",".join(f"{kind}={1e-5 if kind == 'bit_errors' else 0.01}" for kind in RATES)
    argv = ["cosim", NET, "--input", IMAGES, "--samples", str(size.pick(2, 100))]
    assert main([*argv, "--levels", "engine,virtual", "--faults", faults]) == 0
    assert "AGREE: " in capsys.readouterr().out
    assert main([*argv, "--levels", "engine,rtl", "--faults", faults]) == 2
    assert "only the level virtual" in capsys.readouterr().err


def test_a_failure_leaves_the_command_that_repeats_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The RTL is given a program in which one bit of a weight is flipped."""
    spikes, _ = read_spikes(IMAGES, 64)

    def broken(program: Program, seed: int, processes: int) -> network.Level:
        return network.RTL(with_flipped_weight_bit(program, spikes), seed=seed, processes=processes)

    monkeypatch.setattr(network, "LEVELS", {**network.LEVELS, "rtl": broken})
    monkeypatch.chdir(tmp_path)
    argv = ["cosim", NET, "--input", IMAGES, "--samples", "24", "--dt", "1e-4", "--json", "result.json"]
    assert main(argv) == 1
    report = json.loads(Path("result.json").read_text())["failures"][0]
    said = capsys.readouterr().out
    assert "DISAGREE" in said
    assert f"sample {report['sample']}, tick {report['tick']}, hidden[{report['index']}]" in said
    assert Path(report["wave"]).stat().st_size > 1000
    assert report["again"] in said
    assert "--dt 0.0001" in report["again"], "the choices of the first run are made again"
    assert main(shlex.split(report["again"])[1:]) == 1, "the command repeats the failure"


def listen() -> None:
    """What a shell runs in the background, these tests perhaps, ignores Ctrl-C; what they start shall not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupted_in_the_middle(tmp_path: Path) -> None:
    """Ctrl-C reaches every process of a terminal; one message, no traceback, nothing left behind."""
    command = [*SPIKELOCK, "cosim", NET, "--input", IMAGES, "--levels", "engine,rtl", "--json", "result.json"]
    environment = {**os.environ, "SPIKELOCK_CACHE": str(tmp_path / "cache")}

    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen,
    )
    while not (tmp_path / "cache").exists() and running.poll() is None:  # the build of the model has begun
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=600)
    assert running.returncode == 130
    assert said == "spikelock: interrupted; nothing was left half-written\n"


STARTING = """
import os, pathlib, sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    folder = pathlib.Path(os.environ["STARTING"])
    (folder / "starting").touch()
    while not (folder / "go").exists():
        time.sleep(0.02)
"""
"""Is run by each Python as it starts. Those that a command starts go no further until a test says so."""


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["cosim", NET, "--input", IMAGES, "--samples", "48", "--levels", "engine,rtl", "--jobs", "2"], ""),
        (["cosim", NET, "--input", IMAGES, "--samples", "1", "--levels", "engine,virtual"], ""),
        (["verify", "neurons.lif", "--stage", "smoke"], " after "),
    ],
    ids=["rtl", "virtual", "verify"],
)
def test_interrupted_while_its_processes_start(command: list[str], says: str, tmp_path: Path) -> None:
    """They are not ready for Ctrl-C then; what is said is the command's own message all the same."""
    (tmp_path / "sitecustomize.py").write_text(STARTING)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    running = subprocess.Popen(
        [*SPIKELOCK, *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "STARTING": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen,
    )
    while not (tmp_path / "starting").exists() and running.poll() is None:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)
    (tmp_path / "go").touch()
    _, said = running.communicate(timeout=600)
    assert running.returncode == 130
    assert said.startswith(f"spikelock: interrupted{says}")
    assert said.count("\n") == 1, said


def test_a_missing_compiler_is_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    environment = {**os.environ, "PATH": str(tmp_path / "bin"), "SPIKELOCK_CACHE": str(tmp_path / "cache")}
    command = [*SPIKELOCK, "cosim", NET, "--input", IMAGES, "--levels", "engine,rtl", "--samples", "1"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 3
    assert "apt install g++" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    """A file where the cache folder should be fails as a read-only folder does, for root too."""
    (tmp_path / "file").write_text("")
    environment = {**os.environ, "SPIKELOCK_CACHE": str(tmp_path / "file" / "cache")}
    command = [*SPIKELOCK, "cosim", NET, "--input", IMAGES, "--levels", "engine,rtl", "--samples", "1"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 2
    assert "SPIKELOCK_CACHE" in done.stderr
    assert done.stderr.count("\n") == 1
