"""Proofs of `chiplet.power_gate`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.chiplet.power_gate import Params

from ..proof import Proof
from . import power_gate_mutants as broken
from .power_gate_properties import inward, isolation, outward, switching, throttle

ONE_CHANNEL = Params(inward=(2,), outward=(2,), reset_cycles=2)
TWO_CHANNELS = Params(inward=(2, 1), outward=(2, 1), reset_cycles=2)
AT_ALL_TIMES = "across any number of drains, times without power, resets and rates"

PROOFS = (
    Proof(
        broken.GATE,
        "inward",
        "Each word towards the die that is taken reaches it once, unchanged and in order, in a cycle in "
        f"which its clock runs, {AT_ALL_TIMES}; what is offered to it stays until it is taken. Words are "
        "taken when on, then whenever there is room, and at no other time. Words of 2 bits.",
        ONE_CHANNEL,
        inward,
        (broken.LOST_WHEN_SLOW, broken.STAGE_NOT_EMPTY, broken.TAKES_IN_DRAIN),
        depth=16,
        bit_level=True,
    ),
    Proof(
        broken.GATE,
        "outward",
        "Each word of the die that is taken, in a cycle in which its clock runs, leaves once, unchanged and "
        f"in order, {AT_ALL_TIMES}; what is offered stays until it is taken, die or no die. Words are taken "
        "whenever there is room, but none in isolation. Words of 2 bits.",
        ONE_CHANNEL,
        outward,
        (broken.DOUBLED_WHEN_SLOW, broken.LATCH_OFF, broken.OVERWRITTEN, broken.VALID_NOT_CLAMPED),
        depth=16,
        bit_level=True,
    ),
    Proof(
        broken.GATE,
        "switching",
        "A die is isolated only when it and the stages towards it hold no word; its power goes a cycle "
        "later, and comes back when its supply has gone; isolation ends after a reset of exactly as many "
        "clocks with a supply as it should have. Each state ends as soon as it may: a drain in the cycle in "
        "which the die is idle. Two channels each way, 2 clocks of reset. Assumed of a die that is not "
        "isolated: one that holds a word is not idle, one that holds none offers none.",
        TWO_CHANNELS,
        switching,
        (
            broken.NOT_IDLE,
            broken.RESET_TOO_SHORT,
            broken.FIRST_CHANNEL_ONLY,
            broken.NOT_CALLED_OFF,
            broken.POWER_WITH_CLAMPS,
            broken.CLAMPED_TOO_LATE,
            broken.RELEASED_TOO_EARLY,
            broken.SUPPLY_NOT_AWAITED,
            broken.NO_CLOCK_IN_RESET,
            broken.OLD_SUPPLY,
            broken.NEVER_BACK,
        ),
        depth=20,
        bit_level=True,
    ),
    Proof(
        broken.GATE,
        "isolation",
        "Nothing that an isolated die shows is seen: two gates, given the same but for what their dies show "
        "in isolation, do the same for ever, on the other side and towards their dies. Two channels each "
        "way.",
        TWO_CHANNELS,
        isolation,
        (broken.VALID_NOT_CLAMPED, broken.WAITS_FOR_NOISE),
        depth=16,
        bit_level=True,
    ),
    Proof(
        broken.GATE,
        "throttle",
        "From any cycle on, while the die is not isolated and the rate stays, the clock runs in as many of "
        "16 cycles as the rate says, evenly: never a clock ahead or behind. Clocks, and times without power, "
        "are counted.",
        ONE_CHANNEL,
        throttle,
        (broken.RATE_OFF_BY_ONE, broken.UNEVEN, broken.WRONG_RATE, broken.CLOCKS_ALL_COUNTED),
        depth=26,
        bit_level=True,
    ),
)
