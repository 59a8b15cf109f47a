"""Clocks of dies, as options."""

from __future__ import annotations

import argparse
import math

from spikelock.models.errors import BadInput


def add_clocks(command: argparse.ArgumentParser) -> None:
    """--clock and --clock-of."""
    group = command.add_argument_group("clocks of the dies")
    note = "of all dies (default 100e6)"
    group.add_argument("--clock", type=float, metavar="HZ", default=100e6, help=note)
    group.add_argument("--clock-of", metavar="DIE=HZ", nargs="+", default=[], help="of single dies")


def clocks_named(arguments: argparse.Namespace) -> dict[int, float]:
    """What --clock-of says, in Hz by die. Raises BadInput."""
    clocks = {}
    for words in arguments.clock_of:
        die, value = named(words, "--clock-of 1=50e6")
        if not die.isdecimal():
            raise BadInput(f"--clock-of {words}: a die and its clock are needed, as in --clock-of 1=50e6")
        clocks[int(die)] = value
    return clocks


def named(words: str, example: str) -> tuple[str, float]:
    """The name and the number in NAME=VALUE. Raises BadInput for other words."""
    name, _, value = words.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(f"{words}: a name and a number are needed, as in {example}")
    return name, number
