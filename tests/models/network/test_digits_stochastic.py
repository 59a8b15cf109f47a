"""The table that `examples/digits_stochastic` keeps is what a run gives; what the pages say of it holds."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelock.models.engine.sc.dense import Dense
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.stochastic import Stochastic, exact_weights, stochastic
from spikelock.models.sc.tile import Params
from spikelock.testbenches.pytest_plugin import Size

EXAMPLE = Path(__file__).parents[3] / "examples" / "digits_stochastic"


@pytest.fixture(scope="module")
def accuracy() -> Any:
    spec = importlib.util.spec_from_file_location("accuracy", EXAMPLE / "accuracy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((EXAMPLE / "accuracy.json").read_text())
    return table


def test_the_kept_table_is_what_a_run_gives(accuracy: Any, kept: dict[str, Any], size: Size) -> None:
    lengths = size.pick((64, 256), accuracy.LENGTHS)
    kinds = size.pick(accuracy.KINDS[:1], accuracy.KINDS)
    told: list[str] = []
    table = accuracy.measure(lengths, kinds, told.append)
    for name in ("images", "real", "exact"):
        assert table[name] == kept[name]
    expected = [
        {**row, "spikes": row["spikes"][: len(kinds)], "values": row["values"][: len(kinds)]}
        for row in kept["rows"]
        if row["length"] in lengths
    ]
    assert table["rows"] == expected
    assert len(told) == len(table["rows"]) + 5


def test_the_lengths_are_those_that_were_asked_for(accuracy: Any, kept: dict[str, Any]) -> None:
    assert tuple(accuracy.LENGTHS) == (64, 128, 256, 512, 1024, 2048, 4096)
    assert {(row["length"], row["product"]) for row in kept["rows"]} == {
        (length, product) for length in accuracy.LENGTHS for product in ("and", "xnor")
    }


def test_which_length_reaches_exact_sums(kept: dict[str, Any]) -> None:
    """With the published seeds 2048 bits; on average over three kinds of register, all but two images."""
    by_and = {row["length"]: row["spikes"] for row in kept["rows"] if row["product"] == "and"}
    exact = kept["exact"]["spikes"]
    assert min(length for length, right in by_and.items() if right[0] >= exact) == 2048
    means = {length: sum(right) / len(right) for length, right in by_and.items()}
    assert all(exact - mean < 2 for length, mean in means.items() if length >= 1024)
    assert max(by_and[128]) == exact, "by good luck, shorter streams reach them, too"


@pytest.mark.parametrize(("length", "error"), [(64, 8.4), (256, 4.2), (1024, 2.1), (4096, 1.0)])
def test_the_error_of_a_weight(accuracy: Any, length: int, error: float) -> None:
    exact, _ = compile_nir(accuracy.DIGITS / "digits.nir")
    hidden = stochastic(exact, Stochastic(length))[0].populations[0]
    assert isinstance(hidden.params, Params)
    counts = Dense(hidden.params.layer, hidden.configuration).products(np.full(64, hidden.params.full_scale))
    off = counts * 128 / length - exact_weights(exact.populations[0])
    assert round(float(np.sqrt(np.mean(off**2))), 1) == error
