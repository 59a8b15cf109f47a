"""`spikelock mutate` with bad input, and with a module of the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from spikelock.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["no.such.core"], "neurons.lif"),
        (["fabric"], "fabric is a family of cores, and one core is needed here"),
        (["neurons.lif", "--mutants", "0"], "1 or more"),
        (["neurons.lif", "--mutants", "-5"], "1 or more"),
        (["neurons.lif", "--seed", "-1"], "0 or more"),
        (["neurons.lif", "--size", "0"], "1 or more"),
        (["neurons.lif", "--jobs", "0"], "1 or more"),
        (["neurons.lif", "--proofs", "-1"], "0 or more"),
        ([], "no core is given"),
        (["neurons.lif", "--verilog", "lif.v"], "--as is missing"),
    ],
)
def test_bad_input(options: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("amaranth")
    assert main(["mutate", *options]) == 2
    assert says in capsys.readouterr().err


def test_a_module_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("amaranth")
    folder = ROOT / "examples" / "lif_verilog"
    if not folder.is_dir():
        pytest.skip("examples/lif_verilog is not here: run the tests in a checkout")
    verilog, map_file = str(folder / "lif_strobe.v"), str(folder / "lif_strobe.toml")
    module = ["--verilog", verilog, "--as", "neurons.lif", "--map", map_file]
    assert main(["mutate", *module, "--mutants", "12", "--seed", "1", "--jobs", "1"]) == 0
    assert "lif_strobe in the place of neurons.lif: 12 mutants" in capsys.readouterr().out
    assert main(["mutate", *module, "--proofs"]) == 2
    assert "--proofs: the proofs are of the core's own hardware" in capsys.readouterr().err
