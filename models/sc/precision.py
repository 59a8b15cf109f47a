"""How long streams must be for an error that is wanted, and how large the error of a length may be.

A dot product of n synapses is estimated from N steps, one bit a step of each product stream:

    S = (1/N) · Σ_t Σ_j s_j·X_j(t)      AND:  X_j = 0 or 1, of value |w_j|·x_j, and s_j the sign of w_j
                                        XNOR: X_j = −1 or 1, of value w_j·x_j, and s_j = 1

**The guarantee** is Hoeffding's inequality (Theorem 2). Let what one pair of sources, that of inputs
and that of their weights, decides in one step lie in an interval of length r, and let sources and steps be
independent. Then

    P(|S − E S| ≥ ε) ≤ 2·exp(−2·N·ε² / spread)      spread = Σ r² over the pairs of sources

With a pair of its own a synapse has r = 1 (AND) or 2 (XNOR), and the spread of n of them is n or 4·n. Where
the inputs of g synapses share one source, and their weights another, their products are decided together:
r = g or 2·g, and the spread grows to Σ g², so streams must be g times as long. Rotating the bits of a shared
number changes nothing of that. The input and the weight of one product must not share a source: then
E X_j ≠ w_j·x_j, and no length helps.

Several errors that are to be met at once, those of all neurons in all ticks, add up their probabilities
(union bound). That needs no independence between them: neurons may have the same sources, and a source may
begin anew in every tick. The inputs must not depend on the sources; `models/engine/margins.py` says why those
of a network need not either.

**What it does not cover.** The theorem is about independent bits. An LFSR is no random source: its bits over
a part of its period are a sample without replacement, in an order that is fixed. Of a sample without
replacement in random order the same bound holds (Hoeffding, section 6; Serfling has a better one), of that
order nobody has proved it. So the guarantee is one for independent numbers and an estimate for LFSRs, to be
held against measurement. Beyond its period an LFSR repeats itself, and nothing is gained.

**What is lost before the first bit** is certain, not random, and is taken off the error first. A value is
rounded to a multiple of 2^−width, half of which is lost at most; and an LFSR has no 0 among its numbers, so
that threshold x gives (x − 1) / (2^width − 1) instead of x / 2^width, at most 2^−width too little.

W. Hoeffding, "Probability inequalities for sums of bounded random variables", Journal of the American
Statistical Association 58 (1963) 13–30. R. J. Serfling, "Probability inequalities for the sum in sampling
without replacement", Annals of Statistics 2 (1974) 39–48.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from spikelock.models.errors import RangeError
from spikelock.models.sc.dense import Product

LONGEST = 1 << 62
"""Bits of the longest stream that is planned."""


class Sharing(Enum):
    """Which streams of a layer have a source of numbers in common."""

    NONE = "none"
    """Each input and each synapse has an LFSR."""
    NEURONS = "neurons"
    """Each input has an LFSR, and each index of a synapse, the same in all neurons."""
    ROTATED = "rotated"
    """As many inputs as a number has bits share an LFSR, each with a rotation of its own; so do synapses."""
    INPUTS = "inputs"
    """All inputs share one LFSR, all synapses another."""
    SOBOL = "sobol"
    """As `INPUTS`, with two dimensions of the Sobol sequence: not random, so nothing is guaranteed."""


@dataclass(frozen=True)
class DotProduct:
    """A dot product of streams, and what is known of its error. Errors are in units of one product.

    inputs: n. product: of two streams. width: bits of the numbers. sharing: of the sources.
    exact: values are multiples of 2^−width already, so that nothing is lost by rounding them.
    """

    inputs: int
    product: Product = Product.AND
    width: int = 16
    sharing: Sharing = Sharing.NONE
    exact: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.inputs <= 1 << 24:
            raise RangeError(f"inputs = {self.inputs}: 1 … {1 << 24} are possible")
        if not 3 <= self.width <= 62:
            raise RangeError(f"width = {self.width}: a source has 3 … 62 bits; 16 is usual")

    @property
    def group(self) -> int:
        """Synapses that share a source at most."""
        match self.sharing:
            case Sharing.NONE | Sharing.NEURONS:
                return 1
            case Sharing.ROTATED:
                return min(self.width, self.inputs)
            case Sharing.INPUTS | Sharing.SOBOL:
                return self.inputs

    @property
    def spread(self) -> int:
        """Sum of the squared ranges of what each source decides in a step."""
        full, rest = divmod(self.inputs, self.group)
        return self._range**2 * (full * self.group**2 + rest**2)

    @property
    def encoding_error(self) -> float:
        """What rounding and the missing 0 of an LFSR can cost, at most."""
        each = (1.0 if self.exact else 1.5) * 2.0**-self.width
        return self.inputs * 2 * self._range * each  # |a'·b' − a·b| ≤ |a' − a| + |b' − b|

    @property
    def _range(self) -> int:
        return 2 if self.product is Product.XNOR else 1

    def sources(self, neurons: int = 1) -> int:
        """Sources of numbers of a layer of so many neurons."""
        if self.sharing is Sharing.NONE:
            return self.inputs * (1 + neurons)
        return 2 * -(-self.inputs // self.group)

    def length(self, error: float, confidence: float, events: int = 1) -> int:
        """The shortest streams with an error below `error`, of independent bits.

        confidence: with at least this probability, in all `events` dot products at once. Raises RangeError
        where no length is enough, or it exceeds the period of an LFSR of that width.
        """
        self._require_guarantee()
        require_target(error, confidence, events)
        if error <= self.encoding_error:
            needed = self.width
            while 2.0 ** (self.width - needed) * self.encoding_error >= error:
                needed += 1
            raise RangeError(
                f"error {error:g}: numbers of {self.width} bits alone can cost {self.encoding_error:.3g}, "
                f"whatever the length; use a width of {needed} or a larger error"
            )
        bits = shortest_length([error - self.encoding_error], [self.spread], confidence, events)
        require_period(bits, self.width)
        return bits

    def error(self, length: int, confidence: float, events: int = 1) -> float:
        """The error that streams of that length stay below, of independent bits; the inverse of `length`.

        Raises RangeError for a length beyond the period of an LFSR of that width.
        """
        self._require_guarantee()
        require_target(1.0, confidence, events)
        require_period(length, self.width)
        logarithm = math.log(2 * events / (1 - confidence))
        return math.sqrt(self.spread * logarithm / (2 * length)) + self.encoding_error

    def _require_guarantee(self) -> None:
        if self.sharing is Sharing.SOBOL:
            raise RangeError(
                "sharing = sobol: numbers of low discrepancy are not random, and Hoeffding's inequality says "
                "nothing of them; measure them, or choose another sharing"
            )


def failure_bound(length: int, errors: ArrayLike, spreads: ArrayLike) -> float:
    """At most so probable is it that any of several sums is off by its error or more; at most 1.

    errors, spreads: of each sum; arrays that broadcast. A spread of 0 is a sum that cannot be off.
    """
    allowed, spread = np.broadcast_arrays(np.asarray(errors, float), np.asarray(spreads, float))
    random = spread > 0
    exponents = 2.0 * length * allowed[random] ** 2 / spread[random]
    return min(1.0, float(2 * np.exp(-exponents).sum()))


def shortest_length(errors: ArrayLike, spreads: ArrayLike, confidence: float, events: int = 1) -> int:
    """Bits with which, with that probability at least, all of several sums are off by less than their error.

    errors, spreads: as in `failure_bound`. events: how many such sets there are. Raises RangeError for errors
    that are not positive, or so small that no stream of 2^62 bits is enough.
    """
    smallest = float(np.min(errors)) if np.size(errors) else 1.0  # where there is no sum, nothing can be off
    require_target(smallest, confidence, events)
    allowed = (1 - confidence) / events
    low, high = 0, 1
    while failure_bound(high, errors, spreads) > allowed:
        low, high = high, 2 * high
        if high > LONGEST:
            raise RangeError(f"error {smallest:g}: no stream of {LONGEST} bits is enough; use a larger error")
    while high - low > 1:
        middle = (low + high) // 2
        if failure_bound(middle, errors, spreads) > allowed:
            low = middle
        else:
            high = middle
    return high


def require_period(length: int, width: int) -> None:
    """Raises RangeError for streams that have no bit, or more than an LFSR of that width has numbers."""
    if length < 1:
        raise RangeError(f"a stream of {length} bits: it has at least one; 1024 is usual")
    if length > (1 << width) - 1:
        raise RangeError(
            f"streams of {length} bits: an LFSR of {width} bits repeats itself after {(1 << width) - 1}, and "
            f"what repeats adds nothing; use a width of {length.bit_length()}, or a larger error"
        )


def require_target(error: float, confidence: float, events: int = 1) -> None:
    """Raises RangeError for an error, a confidence or a number of dot products that is impossible."""
    if not 0 < error < math.inf:  # so that NaN is wrong
        raise RangeError(f"error {error:g}: it must be above 0, and finite; 0.1 is possible")
    if not 0 < confidence < 1:
        raise RangeError(f"confidence {confidence:g}: it must be between 0 and 1; 0.95 is usual")
    if events < 1:
        raise RangeError(f"{events} dot products: there is at least one")
