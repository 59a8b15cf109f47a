"""The command line: what it prints, its exit codes, and what it makes of bad input. Needs no simulator."""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spikelock.cli.arithmetic import add_arithmetic, arithmetic_options
from spikelock.cli.main import main
from spikelock.models.network.program_file import load_program
from spikelock.models.network.spikes_file import read_spikes, write_spikes
from spikelock.models.network.trace import Trace

DIGITS = Path(__file__).parents[2] / "examples" / "digits"
NET, IMAGES = str(DIGITS / "digits.nir"), str(DIGITS / "test.npz")


def fails(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Runs a command that must fail as bad input; returns the one line it says."""
    assert main(argv) == 2
    said = capsys.readouterr().err
    assert said.startswith("spikelock: ")
    assert said.count("\n") == 1, f"one clear message is wanted, this is: {said}"
    return said


def spikelock(*argv: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spikelock.cli.main", *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=1200, **options)  # type: ignore[call-overload,no-any-return]


def test_cores_lists_every_core(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    result = tmp_path / "cores.json"
    assert main(["cores", "--json", str(result)]) == 0
    assert "neurons.lif" in capsys.readouterr().out
    cores = {core["name"]: core for core in json.loads(result.read_text())["cores"]}
    assert cores["neurons.lif"]["registers"]["threshold"]["address"] == 2
    assert cores["fabric.tile"]["memories"]["synapses"]["fields"]["weight"]["signed"]


def test_sim_reaches_the_accuracy_of_the_example(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    trace, result = tmp_path / "trace.npz", tmp_path / "sim.json"
    assert main(["sim", NET, "--input", IMAGES, "--output", str(trace), "--json", str(result)]) == 0
    data = json.loads(result.read_text())
    assert data["accuracy"] >= 0.945
    assert data["spikes"]["hidden"] > 1000
    assert Trace.load(trace).summary() == data["summary"]
    assert "accuracy" in capsys.readouterr().out


def test_cosim_of_software_levels_agrees(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    result = tmp_path / "cosim.json"
    argv = ["cosim", NET, "--input", IMAGES, "--levels", "reference,engine", "--samples", "1"]
    assert main([*argv, "--json", str(result)]) == 0
    data = json.loads(result.read_text())
    assert data["agree"]
    assert data["exit_code"] == 0
    assert [level["level"] for level in data["levels"]] == ["reference", "engine"]
    assert "AGREE" in capsys.readouterr().out


def test_silence_verifies_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    silence = tmp_path / "silence.npz"
    write_spikes(silence, np.zeros((1, 4, 64), np.bool_))
    assert main(["cosim", NET, "--input", str(silence), "--levels", "reference,engine"]) == 1
    assert "NOTHING VERIFIED" in capsys.readouterr().out


def test_a_compiled_program_runs_as_its_network_does(tmp_path: Path) -> None:
    program, results = tmp_path / "digits.spikelock", [tmp_path / "a.json", tmp_path / "b.json"]
    assert main(["compile", NET, "-o", str(program)]) == 0
    assert load_program(program).inputs == 64
    for network, result in zip((NET, str(program)), results, strict=True):
        assert main(["sim", network, "--input", IMAGES, "--samples", "5", "--json", str(result)]) == 0
    first, second = (json.loads(result.read_text())["output_counts"] for result in results)
    assert first == second


def test_a_network_of_bit_streams_runs_and_compiles(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """From the network, from a program with exact sums, and from one with bit streams: the same."""
    chosen = ["--arithmetic", "stochastic", "--length", "1024", "--product", "and"]
    exact, streams = str(tmp_path / "exact.spikelock"), str(tmp_path / "streams.spikelock")
    assert main(["compile", NET, "-o", exact]) == 0
    assert main(["compile", NET, "-o", streams, *chosen, "--lanes", "8"]) == 0
    assert "hidden: 4096 synapses by streams of 1024 bits, 8 at a time: " in capsys.readouterr().out
    counts = []
    for argv in ([NET, *chosen], [exact, *chosen], [streams], [exact]):
        result = tmp_path / "sim.json"
        assert main(["sim", *argv, "--input", IMAGES, "--json", str(result)]) == 0
        data = json.loads(result.read_text())
        assert data["accuracy"] > 0.95
        counts.append(data["output_counts"])
    assert counts[0] == counts[1] == counts[2] != counts[3]
    assert "bit streams already" in fails(capsys, "sim", streams, "--input", IMAGES, *chosen)


def test_cosim_of_a_network_of_bit_streams_agrees(tmp_path: Path) -> None:
    few, result = tmp_path / "few.npz", tmp_path / "cosim.json"
    write_spikes(few, read_spikes(IMAGES, 64)[0][:1, :2])
    argv = ["cosim", NET, "--input", str(few), "--levels", "reference,engine", "--json", str(result)]
    assert main([*argv, "--arithmetic", "stochastic", "--length", "16", "--product", "xnor"]) == 0
    assert json.loads(result.read_text())["agree"]


def test_the_choice_of_bit_streams_is_made_again_on_a_command_line() -> None:
    command = argparse.ArgumentParser()
    add_arithmetic(command)
    argv = ["--arithmetic", "stochastic", "--length", "64", "--product", "xnor", "--lanes", "3"]
    assert arithmetic_options(command.parse_args(argv)) == argv
    assert arithmetic_options(command.parse_args([])) == []


def test_choices_do_not_apply_to_a_compiled_program(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    program = tmp_path / "digits.spikelock"
    assert main(["compile", NET, "-o", str(program)]) == 0
    capsys.readouterr()
    assert "--dt" in fails(capsys, "sim", str(program), "--input", IMAGES, "--dt", "1e-3")


@pytest.mark.parametrize("command", ["cores", "generate", "compile", "sim", "cosim", "verify", "prove"])
def test_help_has_examples(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"  spikelock {command}" in capsys.readouterr().out


# ---------------------------------------------------------------- bad input


def test_missing_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.nir" in fails(capsys, "sim", "nowhere.nir", "--input", IMAGES)
    assert "nowhere.npz" in fails(capsys, "sim", NET, "--input", "nowhere.npz")


def test_damaged_networks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    whole = Path(NET).read_bytes()
    for name, content in {"truncated": whole[: len(whole) // 2], "text": b"hello", "empty": b""}.items():
        path = tmp_path / f"{name}.nir"
        path.write_bytes(content)
        assert f"{name}.nir" in fails(capsys, "sim", str(path), "--input", IMAGES)


def test_damaged_program(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    program = tmp_path / "digits.spikelock"
    assert main(["compile", NET, "-o", str(program)]) == 0
    capsys.readouterr()
    content = bytearray(program.read_bytes())
    content[len(content) // 2] ^= 1
    program.write_bytes(content)
    assert "checksum" in fails(capsys, "sim", str(program), "--input", IMAGES)


def test_input_of_another_width(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "narrow.npz"
    write_spikes(path, np.ones((1, 2, 63), np.bool_))
    assert "63" in fails(capsys, "sim", NET, "--input", str(path))
    np.savez(path, spikes=np.ones((1, 2, 64)))
    assert "float64" in fails(capsys, "sim", NET, "--input", str(path))


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["generate", "neurons.nothing", "-o", "out"], "neurons.nothing"),
        (["generate", "neurons.lif", "-o", "out", "--set", "widht=3"], "widht"),
        (["generate", "neurons.lif", "-o", "out", "--set", "width=many"], "integer"),
        (["generate", "neurons.lif", "-o", "out", "--set", "overflow=explode"], "saturate"),
        (["generate", "neurons.lif", "-o", "out", "--set", "width=65"], "64"),
        (["cosim", NET, "--input", IMAGES, "--levels", "engine,hope"], "hope"),
        (["cosim", NET, "--input", IMAGES, "--levels", "engine"], "two"),
        (["cosim", NET, "--input", IMAGES, "--levels", "engine,engine"], "once"),
        (["cosim", NET, "--input", IMAGES, "--samples", "0"], "--samples 0"),
        (["cosim", NET, "--input", IMAGES, "--jobs", "0"], "--jobs 0"),
        (["sim", NET, "--input", IMAGES, "--samples", "361"], "361"),
        (["sim", NET, "--input", IMAGES, "--dt", "-1"], "dt"),
        (["sim", NET, "--input", IMAGES, "--length", "64"], "--length: of bit streams; add --arithmetic"),
        (["sim", NET, "--input", IMAGES, "--arithmetic", "stochastic", "--length", "0"], "length = 0"),
        (["sim", NET, "--input", IMAGES, "--arithmetic", "stochastic", "--lanes", "-4"], "lanes = -4"),
        (
            ["sim", NET, "--input", IMAGES, "--arithmetic", "stochastic", "--source-width", "9"],
            "hidden: width",
        ),
        (["verify", "neurons.nothing"], "neurons.nothing"),
        (["prove", "neurons.nothing"], "neurons.nothing"),
        (["sim", NET, "--input", IMAGES, "--samples", "1", "--output", "no/such/folder/trace.npz"], "folder"),
        (["sim", NET, "--input", IMAGES, "--samples", "1", "--json", "no/such/folder/sim.json"], "folder"),
    ],
)
def test_bad_arguments(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    argv: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in fails(capsys, *argv)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_file(tmp_path: Path) -> None:
    """A limit on file sizes fails in the same place as a full disk does: in the middle of a write.

    Python itself does not notice, and would leave cut .pyc files for whoever imports the same modules next.
    """

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    program, environment = tmp_path / "digits.spikelock", {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = spikelock("compile", NET, "-o", str(program), preexec_fn=limited, env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("spikelock: ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"'{sys.executable}' -m spikelock.cli.main cores | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=1200)
    assert "Traceback" not in done.stderr
    assert done.stdout.endswith("0\n")
