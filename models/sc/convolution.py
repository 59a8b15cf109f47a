"""Two-dimensional convolutions as dense layers: the weights that `sc.dense` computes a convolution with.

    out[o, y, x] = Σ_c Σ_v Σ_u kernel[o, c, v, u] · in[c, y·s_y + v − p_y, x·s_x + u − p_x]

with strides s and paddings p, where what lies outside of the input is 0. That is the convolution of networks:
the kernel is not mirrored. Maps are flattened in C order, channel by channel, row by row: input c, y, x is
input (c·height + y)·width + x of the layer, and neurons are numbered likewise. Each synapse of the layer is
one place of the kernel, or a weight of 0; so the lowering is exact.

A weight of 0 of the product AND never counts. That of XNOR is a stream of value 0, which adds noise: so AND
is the product for convolutions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.errors import BadInput, RangeError


@dataclass(frozen=True)
class Convolution:
    """Sizes of a convolution; pairs are of rows and columns.

    channels, height, width: of the input. stride: between the places of the kernel. padding: zeros at each
    edge.
    """

    channels: int
    height: int
    width: int
    kernel: tuple[int, int]
    filters: int
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        for name in ("channels", "height", "width", "filters"):
            if getattr(self, name) < 1:
                raise RangeError(f"{name} = {getattr(self, name)}: must be 1 or more")
        if min(self.kernel) < 1 or min(self.stride) < 1 or min(self.padding) < 0:
            raise RangeError(
                f"kernel {self.kernel}, stride {self.stride}, padding {self.padding}: kernels and strides "
                "are 1 or more, paddings 0 or more"
            )
        room = self.height + 2 * self.padding[0], self.width + 2 * self.padding[1]
        if self.kernel[0] > room[0] or self.kernel[1] > room[1]:
            raise RangeError(
                f"a kernel of {self.kernel} does not fit an input of {room}, its padding included; make the "
                "padding larger"
            )

    @property
    def inputs(self) -> int:
        """Inputs of the layer."""
        return self.channels * self.height * self.width

    @property
    def outputs(self) -> tuple[int, int, int]:
        """Filters, rows and columns of the output; the layer has a neuron for each."""
        rows = (self.height + 2 * self.padding[0] - self.kernel[0]) // self.stride[0] + 1
        columns = (self.width + 2 * self.padding[1] - self.kernel[1]) // self.stride[1] + 1
        return self.filters, rows, columns

    @property
    def neurons(self) -> int:
        """Neurons of the layer."""
        return math.prod(self.outputs)


def lower(sizes: Convolution, kernel: ArrayLike) -> NDArray[np.int64]:
    """Weights of the dense layer, shape (neurons, inputs), for `sc.dense`'s `contents`.

    kernel: integers of shape (filters, channels, rows, columns). Raises BadInput for another shape, or for
    what is not an integer.
    """
    given = np.asarray(kernel)
    wanted = (sizes.filters, sizes.channels, *sizes.kernel)
    if given.shape != wanted:
        raise BadInput(
            f"a kernel of shape {given.shape}: (filters, channels, rows, columns) = {wanted} is needed"
        )
    if given.dtype.kind not in "iu":
        raise BadInput(f"a kernel of dtype {given.dtype}: integers are needed (quantise it first)")
    filters, rows, columns = sizes.outputs
    weights = np.zeros((filters, rows, columns, sizes.channels, sizes.height, sizes.width), np.int64)
    for v in range(sizes.kernel[0]):
        for u in range(sizes.kernel[1]):
            y, from_row = _inside(rows, sizes.stride[0], v - sizes.padding[0], sizes.height)
            x, from_column = _inside(columns, sizes.stride[1], u - sizes.padding[1], sizes.width)
            places = y[:, np.newaxis], x, slice(None), from_row[:, np.newaxis], from_column
            weights[:, *places] = given[:, :, v, u]
    return weights.reshape(sizes.neurons, sizes.inputs)


def _inside(
    outputs: int, stride: int, offset: int, inputs: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the output whose input lies inside, and where in the input that is."""
    out = np.arange(outputs)
    source = out * stride + offset
    inside = (source >= 0) & (source < inputs)
    return out[inside], source[inside]


def bias(sizes: Convolution, of_filters: ArrayLike) -> NDArray[np.int64]:
    """The bias of each neuron, shape (neurons,), of one a filter. Raises BadInput for another shape."""
    given = np.asarray(of_filters)
    if given.shape != (sizes.filters,):
        raise BadInput(f"biases of shape {given.shape}: one for each of {sizes.filters} filters is needed")
    _, rows, columns = sizes.outputs
    return np.repeat(given, rows * columns).astype(np.int64)
