"""Broken AXI4-Lite register banks that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

AXI = "bus.axi4_lite"

ADDRESS_ALONE = Mutant(
    "a write begins when its address is there, whatever is on W",
    AXI,
    "write_waits.eq(self.aw.valid & self.w.valid)",
    "write_waits.eq(self.aw.valid)",
)
DATA_ALONE = Mutant(
    "a write begins when its data is there, whatever is on AW",
    AXI,
    "write_waits.eq(self.aw.valid & self.w.valid)",
    "write_waits.eq(self.w.valid)",
)
RESPONSE_UNTAKEN = Mutant(
    "B is withdrawn though nobody took it", AXI, "(self.b.valid & self.b.ready)", "self.b.valid"
)
NOT_TOLD = Mutant("B does not wait until `written` was taken", AXI, "(failed | told)", "1")
TOLD_TWICE = Mutant("`written` is sent for as long as B waits", AXI, "& ~failed & ~told", "& ~failed")
READS_STARVE = Mutant(
    "reads wait for as long as writes come",
    AXI,
    "writes.eq(write_waits & ~(self.ar.valid & last_wrote))",
    "writes.eq(write_waits)",
)
WRONG_CHANNEL = Mutant(
    "the answer goes to the channel of what waits now",
    AXI,
    "self.r.valid.eq(answer.valid & ~last_wrote)",
    "self.r.valid.eq(answer.valid & ~last_wrote & ~write_waits)",
)
ALWAYS_OKAY = Mutant("errors are not reported", AXI, "eq(Answer.NO_REGISTER)", "eq(Answer.DONE)")
