"""Fault campaigns on the RTL: what an upset bit, or a net that is stuck, does to a core.

campaign = upsets(bench, bench.cases[0], 1_000, seed=1)
print(campaign.tally.share(Outcome.SILENT), campaign.tally.interval(Outcome.SILENT))
"""

from .campaign import CAMPAIGNS, SIZE, Campaign, Fault, Kind, merged, stuck_at, upsets
from .outcomes import Outcome, Tally, outcome_of

__all__ = [
    "CAMPAIGNS",
    "SIZE",
    "Campaign",
    "Fault",
    "Kind",
    "Outcome",
    "Tally",
    "merged",
    "outcome_of",
    "stuck_at",
    "upsets",
]
