"""Which sources of numbers give independent streams when each encodes a value of its own.

Independence is what the product of two streams by one gate needs. One source cannot give it, whatever the
values, nor can two whose sequences are one:

    lfsr      the register of one width and kind from the same seed
    sobol     one dimension: a digital shift moves points, and keeps their order
    halton    bases with a common factor
    counter   another counter

Nor can Sobol and Halton with an even base, which both mirror the bits of an index. Two LFSRs that differ in
their seeds alone walk through one cycle at a distance. They count as independent, as in the literature; how
far a pair of seeds is, `scc` in `models/sc/correlation.py` measures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from spikelock.models.errors import BadInput

from . import counter, halton, lfsr, sobol

Source = lfsr.Params | sobol.Params | halton.Params | counter.Params


def require_independent(sources: Sequence[Source]) -> None:
    """Raises BadInput where streams of two of these sources are not independent, and says what would be."""
    for (first, one), (second, other) in combinations(enumerate(sources), 2):
        if why := _dependence(one, other):
            raise BadInput(f"sources {first} and {second} are not independent: {why}")


def _dependence(one: Source, other: Source) -> str:
    """Why streams of the two depend on each other; nothing where they do not."""
    match one, other:
        case lfsr.Params(), lfsr.Params() if one == other:
            return (
                f"both are the {one.kind} register of {one.width} bits from seed {one.seed}, and give one "
                "stream; choose another seed for one of them"
            )
        case sobol.Params(), sobol.Params() if one.dimension == other.dimension:
            return (
                f"both are Sobol dimension {one.dimension}, and shifts do not help; choose another dimension "
                "for one of them"
            )
        case halton.Params(), halton.Params() if (common := math.gcd(one.base, other.base)) > 1:
            return (
                f"Halton bases {one.base} and {other.base} have the common factor {common}; choose different "
                "primes"
            )
        case (sobol.Params(), halton.Params(base=base)) | (halton.Params(base=base), sobol.Params()) if (
            base % 2 == 0
        ):
            return (
                f"Sobol and Halton in base {base} mirror the bits of one index; choose an odd base, or two "
                "dimensions of Sobol"
            )
        case counter.Params(), counter.Params():
            return "both are counters; choose another kind of source for one of them"
        case _:
            return ""
