"""The list: each check stands on those before it."""

from __future__ import annotations

from collections.abc import Sequence

from .check import Check
from .computing import network, tiles
from .line import clock, connect, echo, registers
from .memories import memories

CHECKS: Sequence[Check] = (
    Check(
        "connect",
        "the board answers, and says what it is",
        "Is it powered, and the bitstream loaded (spikelock flash)? Is this its serial port, and not the one "
        "that loads bitstreams? Are clock and baud rate those that it was built for? May you open the port?",
        connect,
    ),
    Check(
        "echo",
        "packets of all lengths and any bytes come back, and none had to be sent again",
        "The baud rate is nearly right, or the line is bad: try a lower one (spikelock build --baud), a "
        "shorter cable, another USB port.",
        echo,
    ),
    Check(
        "registers",
        "each bit of each register can be set alone and cleared alone, and no register is another",
        "The same bit wrong everywhere, or bytes swapped: the bus behind the link. One register: its bank. "
        "Was the timing met? Does the check pass on a virtual board?",
        registers,
    ),
    Check(
        "clock",
        "the clock runs at the frequency that the board was built for",
        "Another oscillator than the description says, or a wrong divider: see hil/boards.py.",
        clock,
    ),
    Check(
        "memories",
        "each cell of each memory keeps what is written to it, whatever is written elsewhere",
        "One cell: a bad block of RAM; another seed of the placer uses another. All cells of a memory: its "
        "write enable, or the timing. Some, now and then: the supply; try another USB port.",
        memories,
    ),
    Check(
        "tiles",
        "random programs give the spikes that they give in the engine",
        "Memories and registers are good, so look at the arithmetic: does the same seed fail on a virtual "
        "board, too? Then it is the hardware description; else the bitstream, its timing, or the chip.",
        tiles,
    ),
    Check(
        "network",
        "the given network gives the spikes that it gives in the engine",
        "Random programs are right, so look at what is special here: very many events at once, a long run.",
        network,
    ),
)
"""In order."""
