"""Whether alterations of a design change anything that can be seen: induction with a SAT solver."""

from .deciding import prove_equal

__all__ = ["prove_equal"]
