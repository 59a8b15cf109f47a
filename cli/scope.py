"""`spikelock scope`: what goes on inside a board."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from spikelock.models.board.taps import WHAT, Source
from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole
from spikelock.models.monitor.probe import Trigger

from .network import add_network, read_input, read_network
from .outcome import Outcome

NAME = "scope"
HELP = "Look inside a board: samples around a trigger, a run in lockstep with the engine, what it counts."
EXAMPLES = (
    "spikelock scope --url serial:/dev/ttyUSB1?baud=3000000 --source levels --trigger edge --when waiting",
    "spikelock scope NET --input FILE --url URL --when kind=1 --after 100 --vcd tick.vcd --picture tick.svg",
    "spikelock scope NET --input FILE --url URL --live",
    "spikelock scope NET --input FILE --url URL --lockstep --trigger stopped",
)
TRIGGERS = {
    "value": Trigger.VALUE,
    "edge": Trigger.EDGE,
    "rate": Trigger.RATE,
    "stopped": Trigger.EXTERNAL,
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, --url, --input, --samples, where and when to look, and what to do with it."""
    add_network(command, needed=False)
    command.add_argument("--url", metavar="URL", help="of the board, as 'spikelock virtual-board' prints it")
    command.add_argument("--input", metavar="FILE", help="spikes for NET, which runs while it is looked at")
    command.add_argument("--samples", metavar="N", type=int, help="only the first N samples")
    command.add_argument("--lockstep", action="store_true", help="stop NET at the first tick that differs")
    look = command.add_argument_group("what is captured")
    sources = "; ".join(f"{source.name.lower()}: {what}" for source, what in WHAT.items())
    names = [source.name.lower() for source in Source]
    look.add_argument("--source", choices=names, default="output", help=sources)
    look.add_argument("--trigger", choices=list(TRIGGERS), default="value", help="(default value)")
    look.add_argument(
        "--when", metavar="FIELD=VALUE,…", default="", help="what the trigger looks at, as kind=1,address=5"
    )
    look.add_argument("--after", type=int, metavar="N", help="samples after the trigger (default half)")
    look.add_argument("--occurrences", type=int, metavar="N", default=1, help="of --trigger rate")
    look.add_argument("--window", type=int, metavar="N", default=0, help="of --trigger rate: in N samples")
    shown = command.add_argument_group("what is done with it")
    shown.add_argument("--live", action="store_true", help="capture again and again, until Ctrl-C")
    shown.add_argument("--seconds", type=float, default=5.0, metavar="S", help="to wait (default 5)")
    shown.add_argument("--vcd", metavar="FILE", help="write the last capture for a wave viewer")
    shown.add_argument("--picture", metavar="FILE", help="write the last capture as an SVG picture")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints the capture and what the board counts. Exit code 1 where nothing was captured, or it differs."""
    from spikelock.drivers.board import open_board
    from spikelock.drivers.scope import Scope, Setting
    from spikelock.drivers.vcd import save_vcd
    from spikelock.hil.in_process import SCHEMES

    from . import waves

    if arguments.url is None:
        raise BadInput("--url is missing; 'spikelock virtual-board' prints one that works")
    if (arguments.network is None) != (arguments.input is None):
        raise BadInput("NET and --input belong together: give both, or none")
    if arguments.lockstep and (arguments.network is None or arguments.live):
        raise BadInput("--lockstep needs NET and --input, and runs once: without --live")
    program = spikes = None
    if arguments.network is not None:
        program, _ = read_network(arguments)
        spikes, _ = read_input(arguments, program)

    data: dict[str, Any] = {"url": arguments.url}
    exit_code, expected = 0, False  # that nothing is captured
    with open_board(arguments.url, SCHEMES) as board:
        scope = Scope(board)
        after = scope.depth // 2 if arguments.after is None else arguments.after
        setting = Setting(
            Source[arguments.source.upper()],
            TRIGGERS[arguments.trigger],
            parse_fields(arguments.when),
            after,
            arguments.occurrences,
            arguments.window,
        )
        if program is not None:
            board.load(program)
        scope.arm(setting, repeat=arguments.live)
        if arguments.live:
            capture = _live(board, scope, spikes, arguments.seconds, screen)
        else:
            if arguments.lockstep and program is not None and spikes is not None:
                from spikelock.drivers.lockstep import run_in_lockstep

                done = run_in_lockstep(board, program, spikes, Path(str(arguments.network)).stem)
                for line in done.lines():
                    screen.print(line, soft_wrap=True, markup=False)
                exit_code = int(not done.agrees)
                data["lockstep"] = {
                    "agrees": done.agrees,
                    "explanation": done.explanation.to_dict() if done.explanation else None,
                    "wrong_states": [str(wrong) for wrong in done.wrong_states],
                }
            elif spikes is not None:
                _run_once(board, spikes)
            expected = arguments.lockstep and arguments.trigger == "stopped" and exit_code == 0
            capture = scope.take(0.0 if expected else arguments.seconds)
        telemetry = board.telemetry()
    if capture is None:
        screen.print("nothing was captured: the trigger did not come", soft_wrap=True)
        exit_code = exit_code or int(not expected)
    else:
        for line in waves.text(capture, max(20, screen.width - 30)):
            screen.print(line, soft_wrap=True, markup=False)
        if arguments.vcd:
            save_vcd(Path(arguments.vcd), capture)
        if arguments.picture:
            with written_whole(Path(arguments.picture)) as file:
                file.write(str(waves.picture(capture)).encode())
        data["capture"] = {
            "source": capture.source.name,
            "trigger": capture.trigger,
            "cycles": capture.cycles.tolist(),
            **{name: capture.samples[name].tolist() for name in capture.layout.fields},
        }
    screen.print(telemetry_line(telemetry), soft_wrap=True, markup=False)
    return Outcome(exit_code, data | {"telemetry": telemetry})


def telemetry_line(shown: Mapping[str, int]) -> str:
    """What a board counts, in a line."""
    return (
        f"spikes of the last tick {shown['spikes_of_tick']}; events waiting {shown['events_waiting']}, "
        f"leaving {shown['events_leaving']}; link errors {shown['link_errors']}, replays "
        f"{shown['link_replays']}; dropped {shown['dropped']}"
    )


def parse_fields(given: str) -> dict[str, int]:
    """`kind=1,address=5` as a mapping; a field without a value, as for an edge, has 0."""
    found = {}
    for part in filter(None, (piece.strip() for piece in given.split(","))):
        name, equals, value = part.partition("=")
        try:
            found[name.strip()] = int(value, 0) if equals else 0
        except ValueError:
            raise BadInput(
                f"--when {given!r}: {value!r} is no whole number; kind=1,address=5 works"
            ) from None
    return found


def _run_once(board: Any, spikes: Any) -> None:
    from spikelock.models.network.trace import events_of_raster

    board.run(events_of_raster(spikes, board.incoming))


def _live(board: Any, scope: Any, spikes: Any, seconds: float, screen: Console) -> Any:
    """Shows capture after capture, until Ctrl-C, or for some seconds where nobody looks; the last one."""
    from . import waves

    capture, sample = None, 0
    give_up = time.monotonic() + seconds
    with Live(Text("waiting for the trigger"), console=screen, auto_refresh=False, transient=True) as live:
        try:
            while screen.is_terminal or time.monotonic() < give_up:
                if spikes is not None:
                    _run_once(board, spikes[sample : sample + 1])
                    sample = (sample + 1) % len(spikes)
                found = scope.take(0.2)
                capture = found or capture
                lines = waves.text(capture, max(20, screen.width - 30)) if capture else []
                counts = telemetry_line(board.telemetry())
                live.update(Group(*(Text(line) for line in (*lines, counts))), refresh=True)
        except KeyboardInterrupt:
            pass
    scope.disarm()
    return capture
