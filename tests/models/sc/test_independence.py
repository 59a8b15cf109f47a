"""Sources whose streams are not independent are named, and the others are measured to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.engine.sc import counter as counter_engine
from spikelock.models.engine.sc import halton as halton_engine
from spikelock.models.engine.sc import lfsr as lfsr_engine
from spikelock.models.engine.sc import sobol as sobol_engine
from spikelock.models.errors import BadInput
from spikelock.models.sc import counter, halton, lfsr, sobol
from spikelock.models.sc.independence import Source, require_independent

WIDTH, STEPS = 12, 1 << 12
SHARES = (0.25, 0.4, 0.5, 0.75)

DEPENDENT: list[tuple[Sequence[Source], str]] = [
    ([lfsr.Params(WIDTH, "galois", 9)] * 2, "both are the galois register of 12 bits from seed 9"),
    ([sobol.Params(3, WIDTH)] * 2, "both are Sobol dimension 3, and shifts do not help"),
    ([sobol.Params(1, WIDTH), sobol.Params(1, WIDTH, 7)], "both are Sobol dimension 1"),
    ([halton.Params(3, WIDTH), halton.Params(6, WIDTH)], "Halton bases 3 and 6 have the common factor 3"),
    ([sobol.Params(0, WIDTH), halton.Params(2, WIDTH)], "Sobol and Halton in base 2 mirror the bits"),
    ([halton.Params(4, WIDTH), sobol.Params(1, WIDTH)], "Sobol and Halton in base 4 mirror the bits"),
    ([counter.Params(WIDTH), counter.Params(WIDTH, 100)], "both are counters"),
]
INDEPENDENT: list[Sequence[Source]] = [
    [sobol.Params(dimension, WIDTH) for dimension in range(6)],
    [halton.Params(base, WIDTH) for base in (2, 3, 5, 7)],
    [sobol.Params(0, WIDTH), counter.Params(WIDTH)],
    [sobol.Params(2, WIDTH), halton.Params(3, WIDTH)],
    [lfsr.Params(WIDTH, seed=seed) for seed in (1, 77, 1234)],
    [lfsr.Params(WIDTH, "galois", 9), lfsr.Params(WIDTH, "fibonacci_left", 9), sobol.Params(0, WIDTH)],
]


@pytest.mark.parametrize(("sources", "says"), DEPENDENT, ids=lambda value: str(value)[:40])
def test_dependent_sources_are_named(sources: Sequence[Source], says: str) -> None:
    with pytest.raises(BadInput, match=f"sources 0 and 1 are not independent: {says}"):
        require_independent(sources)
    with pytest.raises(BadInput, match=f"sources 1 and 2 are not independent: {says}"):
        require_independent([lfsr.Params(10, seed=3), *sources])


@pytest.mark.parametrize("sources", INDEPENDENT, ids=lambda sources: str(sources)[:40])
def test_independent_sources_pass_and_are_measured_to_be(sources: Sequence[Source]) -> None:
    require_independent(sources)
    require_independent(sources[:1])
    numbers = [numbers_of(source) for source in sources]
    errors = [product_error(a, b) for i, a in enumerate(numbers) for b in numbers[:i]]
    assert max(errors) < 0.025


def test_control_dependent_sources_are_measured_to_be() -> None:
    for sources, says in DEPENDENT:
        assert product_error(*map(numbers_of, sources)) > 0.08, says


def numbers_of(source: Source) -> NDArray[np.int64]:
    """The first numbers of a source."""
    index = np.arange(STEPS)
    match source:
        case lfsr.Params():
            return lfsr_engine.sequence(source, 1, np.zeros(STEPS, bool))
        case sobol.Params():
            return sobol_engine.points(source, index) ^ source.shift
        case halton.Params():
            return halton_engine.points(source, index)
        case counter.Params():
            request = counter.CORE.inputs(source)["request"].records(np.zeros(STEPS, np.int64))
            done = counter_engine.run(source, counter.CORE.configuration(source), {"request": request})
            numbers: NDArray[np.int64] = done["output"]["value"]
            return numbers


def product_error(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """The largest error of the product of two streams by an AND gate, over some pairs of values."""
    streams = [[numbers < share * (1 << WIDTH) for share in SHARES] for numbers in (a, b)]
    return max(abs(float((x & y).mean() - x.mean() * y.mean())) for x in streams[0] for y in streams[1])
