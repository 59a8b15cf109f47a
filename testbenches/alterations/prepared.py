"""A design made ready for alterations: flip-flops and multiplexers with names, each with its source line."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from spikelock.testbenches.lockstep.verilog import TOP, convert
from spikelock.testbenches.yosys import kept_yosys

SOURCE = re.compile(r'^ *attribute \\src "([^"]*)"$')
# Amaranth writes an expression out wherever it is used: merged, it is one piece of hardware to be altered.
PREPARE = f"""
read_rtlil design.il
hierarchy -top {TOP}
proc
opt_expr
opt_merge
wreduce
opt_clean
write_rtlil prepared.il
"""


def prepare_component(component: Any, clocks: Collection[str] = ("sync",)) -> str:
    """`prepare` of an Amaranth component. Raises as `prepare`."""
    return prepare(convert(component, clocks, {}, emit_src=True).rtlil)


def prepare(rtlil: str) -> str:
    """RTLIL whose top module is `dut`, without processes: what alterations are listed for and put into.

    Source lines of this package are named from its folder. What comes from another Python package, such as
    the memory of Amaranth's library, bears the line of the module that it stands in.
    Raises MissingTool without Yosys, SpikelockError where it refuses the design.
    """
    return kept_yosys(PREPARE, {"design.il": _own_sources(rtlil)}, "prepared.il")


def _own_sources(rtlil: str) -> str:
    """Source lines in short, and those of a process also at its switches, of which multiplexers are made."""
    lines: list[str] = []
    source = of_module = of_process = ""
    for line in rtlil.splitlines():
        if match := SOURCE.match(line):
            source = "|".join(filter(None, map(_short, match[1].split("|")))) or of_module
            if source:
                lines.append(f'attribute \\src "{source}"')
            continue
        match line.split(maxsplit=1)[:1]:
            case ["attribute"]:
                pass
            case ["module"]:
                of_module, source = source, ""
            case ["process"]:
                of_process, source = source, ""
            case ["switch"] if of_process and not source:
                lines.append(f'attribute \\src "{of_process}"')
            case _:
                source = ""
        lines.append(line)
    return "\n".join([*lines, ""])


def _short(source: str) -> str:
    """`rtl/neurons/lif.py:70`; nothing for a line of another Python package."""
    if "/spikelock/" in source:
        return source.rpartition("/spikelock/")[2]
    return "" if ".py:" in source else source.replace(" ", "_")
