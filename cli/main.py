"""`spikelock`: parses the command, runs it, and turns what happened into output and an exit code.

0  agree, passed, done          2  bad input
1  disagree, or failed          3  a tool is missing        130  interrupted
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

from rich.console import Console

from spikelock.models.errors import SpikelockError

from . import (
    build,
    cores,
    cosim,
    cost,
    faults,
    flash,
    generate,
    mutate,
    package,
    precision,
    prove,
    registers,
    replay,
    scope,
    selftest,
    sim,
    verify,
    virtual_board,
)
from . import compile as compile_command
from . import map as map_command
from .outcome import Outcome, write_json

COMMANDS = (
    *(cores, registers, generate, compile_command, sim, cosim, verify, prove, mutate, faults, replay, cost),
    precision,
    *(map_command, package),
    *(build, flash, virtual_board, selftest, scope),
)


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """The reader has gone, as with `| head`: goes on in silence, as the exit code may still be wanted."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="spikelock",
        description="Co-simulates and verifies spiking hardware, bit for bit, from the equation to the RTL.",
        epilog="Exit code: 0 agree, 1 disagree or failed, 2 bad input, 3 a tool is missing. "
        "'spikelock COMMAND --help' shows examples.",
    )
    top.add_argument("--version", action="version", version=f"spikelock {version('spikelock')}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        command = commands.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.HELP,
            epilog="examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.add_argument("--json", metavar="FILE", help="also write the result as JSON to FILE")
        command.set_defaults(run=module.run, command=module.NAME)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code. No traceback for anything a user can cause."""
    arguments = parser().parse_args(argv)
    outcome = _guarded(lambda: arguments.run(arguments, _Screen(highlight=False)))
    if arguments.json:
        result = {"command": arguments.command, "exit_code": outcome.exit_code, **outcome.data}
        written = _guarded(lambda: _write(arguments.json, result))
        return outcome.exit_code or written.exit_code
    return outcome.exit_code


def _write(path: str, result: dict[str, Any]) -> Outcome:
    write_json(path, result)
    return Outcome(0)


def _guarded(command: Callable[[], Outcome]) -> Outcome:
    """The command's outcome, or what an error that a user can cause makes of it."""
    try:
        return command()
    except SpikelockError as error:
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _failed("interrupted; nothing was left half-written", 130)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _failed(
            f"{where}{error.strerror or error}; check the path, its permissions and the free space", 2
        )


def _failed(message: str, exit_code: int) -> Outcome:
    print(f"spikelock: {message}", file=sys.stderr)
    return Outcome(exit_code, {"error": message})


if __name__ == "__main__":
    sys.exit(main())
