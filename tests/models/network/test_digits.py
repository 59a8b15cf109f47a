"""The example: how well the committed network reads digits, in real numbers and in integers, and how it was
made."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from spikelock.models.engine.network import run
from spikelock.models.network import reference
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.discretise import Discretisation, discretise
from spikelock.models.network.float_simulation import classify, simulate
from spikelock.models.network.lower import lower
from spikelock.models.network.nir_reader import read_nir
from spikelock.models.network.spikes_file import read_spikes

EXAMPLE = Path(__file__).parents[3] / "examples" / "digits"
NETWORK, INPUT = EXAMPLE / "digits.nir", EXAMPLE / "test.npz"


@pytest.fixture(scope="module")
def train() -> ModuleType:
    """The training script, as a module."""
    for package in ("sklearn", "nir"):
        pytest.importorskip(package, reason="training needs it: pip install 'spikelock[train]'")
    spec = importlib.util.spec_from_file_location("train", EXAMPLE / "train.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_accuracy_of_real_numbers_and_of_integers() -> None:
    spikes, labels = read_spikes(INPUT, 64)
    assert labels is not None
    assert spikes.shape == (360, 16, 64)
    network = discretise(lower(read_nir(NETWORK)), Discretisation())
    real = (classify(simulate(network, spikes)[:, :, -10:]) == labels).mean()
    program, _ = compile_nir(NETWORK)
    trace = run(program, spikes)
    integer = (classify(trace.raster()[:, :, -10:]) == labels).mean()
    assert real >= 0.95
    assert integer >= real - 0.005
    shuffled = np.random.default_rng(1).permutation(labels)
    assert (classify(trace.raster()[:, :, -10:]) == shuffled).mean() < 0.3, "the labels do matter"


def test_engine_equals_reference_on_some_images() -> None:
    spikes = read_spikes(INPUT, 64)[0][:2]
    program, _ = compile_nir(NETWORK)
    np.testing.assert_array_equal(run(program, spikes).events, reference.run(program, spikes).events)


def test_the_files_are_small() -> None:
    assert NETWORK.stat().st_size + INPUT.stat().st_size < 200_000


def test_a_pixel_fires_as_often_as_it_is_bright(train: ModuleType) -> None:
    spikes = train.encode(np.arange(17.0)[None, :])
    assert spikes.sum(axis=1).tolist() == [list(range(17))]
    gaps = [np.diff(np.flatnonzero(spikes[0, :, pixel])) for pixel in range(2, 17)]
    assert all(gap.max() - gap.min() <= 1 for gap in gaps), "evenly spread"


def test_the_test_images_are_those_of_the_script(train: ModuleType) -> None:
    images, labels = train.load_digits(return_X_y=True)
    _, test_images, _, test_labels = train.train_test_split(
        images, labels, test_size=train.TEST_IMAGES, stratify=labels, random_state=train.SEED
    )
    spikes, read = read_spikes(INPUT, 64)
    np.testing.assert_array_equal(spikes, train.encode(test_images))
    np.testing.assert_array_equal(read, test_labels)


def test_training_learns_repeats_and_exports_what_it_trained(train: ModuleType, tmp_path: Path) -> None:
    images, labels = train.load_digits(return_X_y=True)
    spikes = train.encode(images[:256]).astype(np.float64)
    layers, again = (train.train(spikes, labels[:256], seed=3, epochs=6) for _ in range(2))
    for one, other in zip(layers, again, strict=True):
        np.testing.assert_array_equal(one.weight, other.weight)
    for layer in layers:  # what NIR will hold
        layer.weight, layer.bias = (
            x.astype(np.float32).astype(np.float64) for x in (layer.weight, layer.bias)
        )
    fired = layers[1].forward(layers[0].forward(spikes))
    assert (classify(fired) == labels[:256]).mean() > 0.25, "chance is 0.1"
    train.export(layers, tmp_path / "x.nir")
    raster = simulate(discretise(lower(read_nir(tmp_path / "x.nir")), Discretisation(dt=train.DT)), spikes)
    np.testing.assert_array_equal(raster[:, :, -10:], fired > 0)
