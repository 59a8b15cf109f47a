"""`spikelock`: parses the command, runs it, and turns what happened into output and an exit code.

    0  agree, passed, done          2  bad input
    1  disagree, or failed          3  a tool is missing        130  interrupted
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from rich.console import Console

from spikelock.models.errors import SpikelockError

from . import compile as compile_command
from . import cores, cosim, generate, prove, sim, verify
from .outcome import Outcome, write_json

COMMANDS = (cores, generate, compile_command, sim, cosim, verify, prove)


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
        command.add_argument("--json", metavar="FILE", help="write the result as JSON to FILE")
        command.set_defaults(run=module.run, command=module.NAME)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code. No traceback for anything a user can cause."""
    arguments = parser().parse_args(argv)
    screen = Console(highlight=False)
    outcome = _run(arguments, screen)
    if arguments.json:
        try:
            write_json(arguments.json, {"command": arguments.command, "exit_code": outcome.exit_code, **outcome.data})
        except OSError as error:
            return _complain(f"{arguments.json}: {error.strerror}; --json needs a file that can be written", 2)
    return outcome.exit_code


def _run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    try:
        return arguments.run(arguments, screen)  # type: ignore[no-any-return]
    except SpikelockError as error:
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _failed("interrupted; nothing was left half-written", 130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone, as with `| head`: nobody to tell
        return Outcome(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _failed(f"{where}{error.strerror or error}; check the path, its permissions and the free space", 2)


def _failed(message: str, exit_code: int) -> Outcome:
    return Outcome(_complain(message, exit_code), {"error": message})


def _complain(message: str, exit_code: int) -> int:
    print(f"spikelock: {message}", file=sys.stderr)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
