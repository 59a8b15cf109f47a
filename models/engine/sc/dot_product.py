"""Vectorised dot product: the sums of all windows at once, from sequences that are slices of one cycle."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.fixed import Ints, Overflow, fit_array
from spikelock.models.ports import Records
from spikelock.models.sc.dense import Product
from spikelock.models.sc.dot_product import Division, Params, outputs

from .parallel_counter import windows


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.dot_product`."""
    given, value = inputs["input"], configuration.registers
    bits = given["bits"][:, np.newaxis] >> np.arange(params.inputs) & 1
    weights = np.array([value[f"weight_{j}"] for j in range(params.inputs)], np.int64)
    numbers = _numbers(params, given["restart"] != 0)
    if params.product is Product.XNOR:
        ones = numbers < weights + (1 << (params.width - 1))
        products = 1 - 2 * (bits ^ ones)
    else:
        signs = 1 - 2 * (value["negative"] >> np.arange(params.inputs) & 1)
        products = signs * (bits & (numbers < weights))
    last = given["last"] != 0
    counted = np.where(_steps(last) < params.length, products.sum(axis=1), 0)
    scaled = _divided((value["y_max"] - value["y_min"]) * windows(counted, last), params)
    current = fit_array(value["y_min"] + scaled, params.current, Overflow.SATURATE)
    return {"output": outputs(params)["output"].records(current)}


def _numbers(params: Params, restart: NDArray[np.bool_]) -> Ints:
    """The number of each synapse in each transaction: (transactions, synapses)."""
    numbers = np.zeros((len(restart), params.inputs), np.int64)
    starts = np.flatnonzero(restart)
    seeds = np.array(params.first_numbers, np.int64)
    for start, end in pairwise([0, *starts.tolist(), len(restart)]):
        numbers[start:end] = params.generator.states(seeds, end - start).T
    return numbers


def _steps(last: NDArray[np.bool_]) -> Ints:
    """How many transactions of its window there were before each."""
    place = np.arange(len(last))
    begins = np.concatenate([[True], last[:-1]])[: len(last)]
    steps: Ints = place - np.maximum.accumulate(np.where(begins, place, 0))
    return steps


def _divided(value: Ints, params: Params) -> Ints:
    """value / N, rounded. Magnitudes are below 2^60."""
    away = np.int64(params.length // 2 if params.division is Division.NEAREST else 0)
    quotient, rest = np.divmod(np.abs(value), params.length)
    quotient += (rest + away >= params.length).astype(np.int64)
    signed: Ints = np.where(value < 0, -quotient, quotient)
    return signed
