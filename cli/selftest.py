"""`spikelock selftest`: is this board good?"""

from __future__ import annotations

import argparse

from rich.console import Console

from spikelock.models.errors import BadInput

from .network import add_network, read_input, read_network
from .outcome import Outcome

NAME = "selftest"
HELP = "Check a board, from its line up to a whole network, and say what to look at where it fails."
EXAMPLES = (
    "spikelock selftest --url serial:/dev/ttyUSB1?baud=3000000",
    "spikelock selftest examples/digits/digits.nir --input examples/digits/test.npz --samples 20 "
    "--url serial:/dev/ttyUSB1?baud=3000000",
    "spikelock selftest --list",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, --url, --input, --samples, --seed, --real-time, --list."""
    add_network(command, needed=False)
    command.add_argument("--url", metavar="URL", help="of the board, as 'spikelock virtual-board' prints it")
    command.add_argument("--input", metavar="FILE", help="spikes for NET, as of 'spikelock cosim'")
    command.add_argument("--samples", metavar="N", type=int, help="only the first N samples")
    command.add_argument("--seed", type=int, default=0, help="of all that is random (default 0)")
    command.add_argument(
        "--real-time", action="store_true", help="a virtual board is paced: check its clock, too"
    )
    command.add_argument("--list", action="store_true", help="list the checks, and do nothing else")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints a line for each check as it is done; after a failure, what to look at next."""
    from spikelock.drivers.board import open_board
    from spikelock.hil.selftest.check import Subject, Verdict, run_checks
    from spikelock.hil.selftest.checks import CHECKS

    if arguments.list:
        for check in CHECKS:
            screen.print(f"{check.name:10} {check.demands}", soft_wrap=True)
        return Outcome(0, {"checks": [check.name for check in CHECKS]})
    url = arguments.url
    if url is None:
        raise BadInput("--url is missing; 'spikelock virtual-board' prints one that works")
    subject = Subject(lambda: open_board(url), seed=arguments.seed, real_time=arguments.real_time)
    if (arguments.network is None) != (arguments.input is None):
        raise BadInput("NET and --input belong together: give both, or none")
    if arguments.network is not None:
        subject.program, _ = read_network(arguments)
        subject.spikes, _ = read_input(arguments, subject.program)

    results = []
    try:
        for result in run_checks(CHECKS, subject):
            results.append(result)
            line = f"{result.check.name:10} {result.verdict.value:8} {result.text}  ({result.seconds:.1f} s)"
            screen.print(line, soft_wrap=True, markup=False)
    finally:
        if subject.board is not None:
            subject.board.close()
    failed = results[-1].verdict is Verdict.FAILED
    if failed:
        screen.print(f"look at this next: {results[-1].check.look}", soft_wrap=True, markup=False)
    passed = sum(result.verdict is Verdict.PASSED for result in results)
    screen.print(f"[bold]{'FAILED' if failed else 'PASSED'}[/]: {passed} of {len(CHECKS)} checks passed")
    rows = [{"check": r.check.name, "verdict": r.verdict.value, "text": r.text} for r in results]
    return Outcome(int(failed), {"url": url, "checks": rows})
