"""`spikelock mutate` with bad input: a message and exit code 2, never a traceback."""

from __future__ import annotations

import pytest

from spikelock.cli.main import main


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["no.such.core"], "neurons.lif"),
        (["neurons.lif", "--mutants", "0"], "1 or more"),
        (["neurons.lif", "--mutants", "-5"], "1 or more"),
        (["neurons.lif", "--seed", "-1"], "0 or more"),
        (["neurons.lif", "--size", "0"], "1 or more"),
        (["neurons.lif", "--jobs", "0"], "1 or more"),
        (["neurons.lif", "--proofs", "-1"], "0 or more"),
    ],
)
def test_bad_input(options: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("amaranth")
    assert main(["mutate", *options]) == 2
    assert says in capsys.readouterr().err
