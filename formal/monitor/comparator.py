"""Proofs of `monitor.comparator`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal

from spikelock.models.monitor.comparator import Params
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

COMPARATOR = "monitor.comparator"

ALONE = Mutant(
    "a record is taken before the expected one has come",
    COMPARATOR,
    "taken.eq(actual.valid & expected.valid & room)",
    "taken.eq(actual.valid & room)",
)
LEFT = Mutant(
    "an expected record stays when its pair is taken",
    COMPARATOR,
    "expected.ready.eq(taken)",
    "expected.ready.eq(taken & ~differs)",
)
ALWAYS_COMPARES = Mutant(
    "records are compared that do not say so", COMPARATOR, "actual.payload.compare & ~stopped", "~stopped"
)
REPORTS_AGAIN = Mutant("a second difference is reported", COMPARATOR, "stopped.eq(1),", "stopped.eq(0),")
NEVER_ANEW = Mutant("no comparison begins after a difference", COMPARATOR, "stopped.eq(0)", "stopped.eq(1)")
COUNTS_DIFFERENCE = Mutant(
    "the index is that of the record behind the difference",
    COMPARATOR,
    "report.payload.index.eq(compared)",
    "report.payload.index.eq(compared + 1)",
)
COUNTS_ON = Mutant(
    "a new comparison counts from where the last one ended",
    COMPARATOR,
    "[compared.eq(0), ",
    "[",
)
DROPS_DIFFERENCE = Mutant(
    "the record that differs does not pass", COMPARATOR, "output.valid.eq(1)", "output.valid.eq(~differs)"
)
SWAPPED = Mutant(
    "the expected record is reported as the actual one",
    COMPARATOR,
    "report.payload.actual.eq(actual.payload.data)",
    "report.payload.actual.eq(expected.payload.data)",
)
OVERWRITES = Mutant("a stalled record is overwritten", COMPARATOR, "(output.ready | ~output.valid) & ", "")
FORGETS_REPORT = Mutant(
    "a report that waits is overwritten", COMPARATOR, " & (report.ready | ~report.valid | ~differs)", ""
)
STOPS = Mutant("records behind a difference wait until the report is read", COMPARATOR, " | ~differs", "")


def passing(m: Module, core: Any, inside: Inside) -> None:
    """Each actual record leaves once, one cycle later, as it came, and holds until it is read."""
    taken = core.actual.valid & core.actual.ready
    last = Signal.like(core.actual.payload.data, name="last_taken")
    waiting = Signal(2)  # records taken less records read
    m.d.sync += waiting.eq(waiting + taken - (core.output.valid & core.output.ready))
    with m.If(taken):
        m.d.sync += last.eq(core.actual.payload.data)
    claim(m, "records are taken in pairs", taken == (core.expected.valid & core.expected.ready))
    claim(m, "one record leaves for each that came", core.output.valid == (waiting == 1))
    claim(m, "no record is taken that would be lost", waiting <= 1)
    claim(m, "it leaves as it came", core.output.payload.data == last, when=core.output.valid)
    cover(m, "a record leaves while the next one comes", taken & core.output.valid & core.output.ready)


def comparison(m: Module, core: Any, inside: Inside) -> None:
    """The first pair of a comparison that differs is reported, with its index, and no other."""
    actual, expected, report = core.actual, core.expected, core.report
    taken = actual.valid & actual.ready
    compare, equal = actual.payload.compare, actual.payload.data == expected.payload.data
    over = Signal(name="difference_seen")
    due = Signal(name="report_due")
    count = Signal.like(report.payload.index, name="equal_pairs")
    place = Signal.like(report.payload, name="place_of_difference")
    with m.If(due & report.ready):
        m.d.sync += due.eq(0)
    with m.If(taken & ~compare):
        m.d.sync += [over.eq(0), count.eq(0)]
    with m.If(taken & compare & ~over):
        with m.If(equal):
            m.d.sync += count.eq(count + 1)
        with m.Else():
            m.d.sync += [
                over.eq(1),
                due.eq(1),
                place.index.eq(count),
                place.expected.eq(expected.payload.data),
                place.actual.eq(actual.payload.data),
            ]
    claim(m, "a report is there exactly when one is due", report.valid == due)
    claim(m, "it names the pair", report.payload == place, when=report.valid)
    claim(
        m,
        "no report is lost",
        ~(taken & compare & ~over & ~equal),
        when=report.valid & ~report.ready,
    )
    output_waits = core.output.valid & ~core.output.ready
    claim(
        m,
        "a pair waits for nothing but the output, or for a report before its own",
        taken,
        when=actual.valid
        & expected.valid
        & ~output_waits
        & ~(report.valid & ~report.ready & compare & ~equal & ~over),
    )
    helper(m, "a comparison is over where a difference was seen", inside.register("stopped") == over)
    helper(m, "equal pairs are counted", inside.register("compared") == count, when=~over)
    cover(m, "a difference in the third pair", report.valid & (report.payload.index == 2))
    again = Signal()
    with m.If(due & report.ready):
        m.d.sync += again.eq(1)
    cover(m, "a second report", again & report.valid)
    cover(m, "a report waits while records pass", report.valid & ~report.ready & taken)


def _proof(properties: Any, says: str, *mutants: Mutant) -> Proof:
    return Proof(
        core=COMPARATOR,
        name=properties.__name__,
        says=f"{says} For all inputs, stalls and resets, records of 2 bits.",
        params=Params(width=2, index_width=3),
        properties=properties,
        mutants=mutants,
        depth=12,
    )


PROOFS = (
    _proof(
        passing,
        "Records are taken in pairs. Every actual one leaves exactly once and in order, and holds while "
        "it is stalled.",
        ALONE,
        LEFT,
        OVERWRITES,
        DROPS_DIFFERENCE,
    ),
    _proof(
        comparison,
        "The first pair of a comparison that differs, and only it, is reported, with its index and both "
        "records; what is behind it passes.",
        ALWAYS_COMPARES,
        REPORTS_AGAIN,
        NEVER_ANEW,
        COUNTS_DIFFERENCE,
        COUNTS_ON,
        SWAPPED,
        FORGETS_REPORT,
        STOPS,
    ),
)
