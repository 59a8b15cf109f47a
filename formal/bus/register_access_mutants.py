"""Broken accesses to registers that proofs and benches of every bus must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

ACCESS = "register_access"

STROBES_IGNORED = Mutant("a write changes all bytes of its word", ACCESS, "Mux(taken.strobe[lane],", "Mux(1,")
STROBES_REVERSED = Mutant(
    "strobes choose bytes from the other end",
    ACCESS,
    "Mux(taken.strobe[lane],",
    "Mux(taken.strobe[self.space.strobes - 1 - lane],",
)
LATE_ADDRESS = Mutant(
    "the address is looked at when the access has been taken",
    ACCESS,
    "number = taken.address[",
    "number = access.payload.address[",
)
ALIASED = Mutant(
    "addresses above the registers reach registers", ACCESS, "number >= len(space.registers)", "0"
)
READ_ONLY_WRITTEN = Mutant(
    "a refused write is done, on the first register",
    ACCESS,
    "request.valid.eq(taken.write & ~missing & ~read_only)",
    "request.valid.eq(taken.write & ~missing)",
)
ANSWERED_FIRST = Mutant(
    "a write is answered before it is done",
    ACCESS,
    """\
                m.d.comb += request.valid.eq(taken.write & ~missing & ~read_only)
                m.next = "answer"
            with m.State("answer"):
                m.d.comb += answer.valid.eq(1)
""",
    """\
                m.next = "answer"
            with m.State("answer"):
                m.d.comb += answer.valid.eq(1)
                m.d.comb += request.valid.eq(answer.ready & taken.write & ~missing & ~read_only)
""",
)
WRITE_LOST = Mutant(
    "a write of the lowest byte alone is not done",
    ACCESS,
    "request.payload.write.eq(1)",
    "request.payload.write.eq(taken.strobe != 1)",
)
