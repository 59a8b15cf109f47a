"""Lists mutations of a design, chosen evenly by Yosys over its wires, bits, cells and source lines."""

from __future__ import annotations

from typing import cast

from spikelock.models.errors import BadInput
from spikelock.testbenches.places import WRAPPER
from spikelock.testbenches.yosys import run_yosys

from .alteration import Alteration, Mode

AROUND_MODULES = (
    *("faulty_line", "faulty_lanes", "delayed_wires", "switched_loop"),
    *("bridge_rules", "event_checkers"),
)
AROUND = (
    f"{WRAPPER}:",
    *(f"rtl/{name}.py:" for name in AROUND_MODULES),
)
"""How the places begin of what stands around the hardware that is judged: a user's module; what does its
worst at a core's ports, and may as well do it otherwise; what checks it."""


def list_mutations(
    prepared: str, count: int, seed: int, mode: Mode | None = None, cells: str = "t:*"
) -> tuple[Alteration, ...]:
    """At most `count` mutations of a prepared design: a function of the seed.

    Clocks are left alone, as are the initial contents of memories, the resets of a port that reads one, which
    Yosys does not know of every port, and what stands around the hardware.
    mode: only such mutations. cells: only of these, in Yosys's words. Raises BadInput for a count below 1.
    """
    if count < 1:
        raise BadInput(f"{count} mutations are wanted; 1 or more can be made")
    more = count + count // 4 + 100  # some are of clocks
    more += count if any(f'src "{place}' in prepared for place in AROUND) else 0
    script = f"""
read_rtlil prepared.il
select -write clocks t:* %ci1:+[CLK] w:* %i
select -write readers t:$memrd*
select -write around {" ".join(f"a:src={place}*" for place in AROUND)}
mutate -list {more} -seed {seed}{f" -mode {mode}" if mode else ""} -o mutations {cells} t:$meminit* %d
"""
    out = run_yosys(script, {"prepared.il": prepared}, ["clocks", "readers", "around", "mutations"])
    clocks = {"CLK", *(line.rpartition("/")[2] for line in out["clocks"].splitlines())}
    readers, around = (set(out[name].splitlines()) for name in ("readers", "around"))

    def is_wanted(options: dict[str, list[str]]) -> bool:
        port, cell = options["-port"][0], f"{options['-module'][0]}/{options['-cell'][0]}"
        of_memory = port in ("ARST", "SRST") and cell in readers
        return port not in clocks and not of_memory and cell not in around

    found = map(_options, out["mutations"].splitlines())
    wanted = [options for options in found if is_wanted(options)][:count]
    return tuple(_alteration(number, options) for number, options in enumerate(wanted, 1))


def _options(line: str) -> dict[str, list[str]]:
    """Options of a line such as `mutate -mode inv -module dut -cell $1 …`; some occur several times."""
    words = line.split()[1:]
    options: dict[str, list[str]] = {}
    for name, value in zip(words[::2], words[1::2], strict=True):
        options.setdefault(name, []).append(value)
    return options


def _alteration(number: int, options: dict[str, list[str]]) -> Alteration:
    one = {name: values[0] for name, values in options.items()}
    return Alteration(
        number,
        cast(Mode, one["-mode"]),
        one["-module"],
        one["-cell"],
        one["-port"],
        int(one["-portbit"]),
        int(one["-ctrlbit"]) if "-ctrlbit" in one else None,
        f"{one['-wire']}[{one['-wirebit']}]" if "-wire" in one else "",
        tuple(dict.fromkeys(options.get("-src", []))),
    )
