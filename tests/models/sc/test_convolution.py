"""Convolutions as dense layers, against direct convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spikelock.models.engine.sc.dense import Dense
from spikelock.models.errors import SpikelockError
from spikelock.models.sc.convolution import Convolution, bias, lower
from spikelock.models.sc.dense import CORE, Params, contents


def direct(sizes: Convolution, kernel: NDArray[np.int64], image: NDArray[np.int64]) -> NDArray[np.int64]:
    """The convolution of a padded image, one window after the other."""
    rows, columns = sizes.padding
    padded = np.pad(image, ((0, 0), (rows, rows), (columns, columns)))
    out = np.zeros(sizes.outputs, np.int64)
    for o, y, x in np.ndindex(out.shape):
        top, left = y * sizes.stride[0], x * sizes.stride[1]
        window = padded[:, top : top + sizes.kernel[0], left : left + sizes.kernel[1]]
        out[o, y, x] = (window * kernel[o]).sum()
    return out


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_lowered_weights_convolve(data: st.DataObject) -> None:
    small, pair = st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3))
    kernel, padding = data.draw(pair), data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    height = data.draw(st.integers(max(1, kernel[0] - 2 * padding[0]), 7))
    width = data.draw(st.integers(max(1, kernel[1] - 2 * padding[1]), 7))
    stride = data.draw(pair)
    sizes = Convolution(data.draw(small), height, width, kernel, data.draw(small), stride, padding)
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    of_kernel = random.integers(-9, 10, (sizes.filters, sizes.channels, *kernel))
    image = random.integers(-9, 10, (sizes.channels, height, width))
    weights = lower(sizes, of_kernel)
    assert weights.shape == (sizes.neurons, sizes.inputs)
    assert np.array_equal(
        (weights @ image.reshape(-1)).reshape(sizes.outputs), direct(sizes, of_kernel, image)
    )


def test_streams_of_ends_convolve_exactly() -> None:
    """Values and weights of full scale are streams of ones: the sums are those of the direct convolution."""
    sizes = Convolution(2, 5, 4, (3, 2), 3, padding=(1, 0))
    random = np.random.default_rng(8)
    kernel, image = random.integers(-1, 2, (3, 2, 3, 2)), random.integers(0, 2, (2, 5, 4))
    params = Params(sizes.inputs, sizes.neurons, length=50)
    weights = lower(sizes, kernel * (1 << params.width))
    biases = bias(sizes, [5, -6, 7])
    layer = Dense(params, CORE.configuration(params, {}, contents(params, weights, biases)))
    values = image.reshape(1, -1) << params.width
    wanted = 50 * direct(sizes, kernel, image)
    assert np.array_equal(layer.sums(values).reshape(sizes.outputs), wanted)
    with_bias = wanted + np.array([5, -6, 7]).reshape(3, 1, 1)
    assert np.array_equal(layer.currents(values).reshape(sizes.outputs), with_bias)


SIZES = Convolution(1, 3, 3, (2, 2), 2)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Convolution(0, 3, 3, (2, 2), 1), "channels = 0: must be 1 or more"),
        (lambda: Convolution(1, 3, 3, (2, 2), 1, stride=(0, 1)), "stride \\(0, 1\\)"),
        (lambda: Convolution(1, 3, 3, (2, 2), 1, padding=(0, -1)), "padding \\(0, -1\\)"),
        (
            lambda: Convolution(1, 3, 3, (4, 2), 1),
            "a kernel of \\(4, 2\\) does not fit an input of \\(3, 3\\)",
        ),
        (lambda: lower(SIZES, np.zeros((2, 2), int)), "a kernel of shape \\(2, 2\\)"),
        (lambda: lower(SIZES, np.zeros((2, 1, 2, 2))), "a kernel of dtype float64"),
        (lambda: bias(SIZES, [1]), "biases of shape \\(1,\\): one for each of 2 filters"),
    ],
)
def test_impossible_convolutions_are_refused(wrong: Any, says: str) -> None:
    with pytest.raises(SpikelockError, match=says):
        wrong()
