"""`spikelock faults`: upsets and stuck nets in the RTL of a core, and what becomes of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from spikelock.models.core import find_core
from spikelock.models.errors import BadInput

from .outcome import Outcome
from .progress import progress_bars

if TYPE_CHECKING:  # imported where they are used, as they need the tools
    from spikelock.testbenches.faults import Campaign, Tally

NAME = "faults"
HELP = "Inject faults into the RTL of a core: masked, detected, silent corruption, or hang."
EXAMPLES = (
    "spikelock faults neurons.lif",
    "spikelock faults fabric.tile --upsets 5000 --stuck-at 0 --seed 7 --json faults.json",
)

PLACES = 20
"""Places of a campaign that are printed; the JSON has all."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE, --upsets, --stuck-at, --case, --seed, --size, --jobs."""
    command.add_argument("core", metavar="CORE", help="such as neurons.lif")
    command.add_argument(
        "--upsets", type=int, default=500, metavar="N", help="bits of state flipped, one a run (default 500)"
    )
    command.add_argument(
        "--stuck-at", type=int, default=500, metavar="N", help="nets held at 0 or 1, one a run (default 500)"
    )
    command.add_argument("--case", metavar="NAME", help="case of the bench that runs (default the first)")
    command.add_argument("--seed", type=int, default=0, help="of faults and stimuli (default 0)")
    command.add_argument(
        "--size", type=int, default=100, metavar="N", help="transactions of a run, about (default 100)"
    )
    command.add_argument("--jobs", type=int, default=2, metavar="N", help="parallel processes (default 2)")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints, for each kind of fault, the outcomes and the places that suffer most."""
    from spikelock.testbenches.bench import find_bench
    from spikelock.testbenches.faults import merged
    from spikelock.testbenches.lockstep.parallel import in_processes

    counts = {"upset": arguments.upsets, "stuck-at": arguments.stuck_at}
    if min(counts.values()) < 0 or max(counts.values()) < 1:
        raise BadInput(
            f"--upsets {arguments.upsets}, --stuck-at {arguments.stuck_at}: 0 or more each, not both 0"
        )
    if min(arguments.size, arguments.jobs) < 1 or arguments.seed < 0:
        raise BadInput(
            f"--size {arguments.size}, --jobs {arguments.jobs}, --seed {arguments.seed}: sizes and jobs are "
            "1 or more, a seed is 0 or more"
        )
    bench = find_bench(find_core(arguments.core).name)
    case = bench.case(arguments.case) if arguments.case else bench.cases[0]
    kinds = [kind for kind, count in counts.items() if count]
    common = (arguments.core, case.name, arguments.seed, arguments.size)
    parts = [
        (kind, counts[kind], *common, (number, arguments.jobs))
        for number in range(arguments.jobs)
        for kind in kinds
    ]
    done: dict[str, list[Campaign]] = {kind: [] for kind in kinds}
    with progress_bars(screen) as bars:
        task = bars.add_task("faults", total=len(parts))
        for part, campaign in zip(parts, in_processes(_part, parts, arguments.jobs), strict=True):
            done[part[0]].append(campaign)
            bars.advance(task)

    campaigns = [merged(found) for found in done.values()]
    screen.print(f"{arguments.core}, case {case.name}, seed {arguments.seed}, {campaigns[0].cycles} cycles")
    for campaign in campaigns:
        _show(campaign, screen)
    return Outcome(0, {"campaigns": [campaign.to_json() for campaign in campaigns]})


def _part(part: tuple[Any, ...]) -> Campaign:
    """One part of a campaign, in a process of its own."""
    from spikelock.testbenches.bench import find_bench
    from spikelock.testbenches.faults import CAMPAIGNS

    kind, count, core, case, seed, size, which = part
    bench = find_bench(core)
    return CAMPAIGNS[kind](bench, bench.case(case), count, seed, size=size, part=which)


def _show(campaign: Campaign, screen: Console) -> None:
    table = Table(campaign.kind, *("faults", "masked", "detected", "silent", "hang"), "silent, %")
    for group, tally in campaign.by_group().items():
        table.add_row(group, *_row(tally))
    table.add_row("all", *_row(campaign.tally), style="bold", end_section=True)
    places = campaign.by_place()
    for place, tally in list(places.items())[:PLACES]:
        table.add_row(place, *_row(tally))
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    table.columns[0].overflow = "fold"
    screen.print(table)
    if len(places) > PLACES:
        screen.print(f"{len(places) - PLACES} more places, with fewer silent corruptions: --json has them")


def _row(tally: Tally) -> list[str]:
    from spikelock.testbenches.faults import Outcome as FaultOutcome

    low, high = tally.interval(FaultOutcome.SILENT)
    share = tally.share(FaultOutcome.SILENT)
    interval = f"{100 * share:.0f} ({100 * low:.0f} to {100 * high:.0f})"
    return [str(tally.total), *(str(tally.counts[outcome]) for outcome in FaultOutcome), interval]
