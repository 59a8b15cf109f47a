"""Broken queues that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

FIFO = "aer.fifo"

DROPPED_ON_FULL = Mutant(
    "an event is taken while the queue is full, and lost",
    FIFO,
    "self.input.ready.eq(self.occupancy.events != self.params.depth)",
    "self.input.ready.eq(1)",
)
DOUBLED_ON_STALL = Mutant(
    "an event that leaves while another one comes stays in the queue",
    FIFO,
    "queue.r_en.eq(self.output.ready)",
    "queue.r_en.eq(self.output.ready & ~self.input.valid)",
)
TICK_OVERTAKEN = Mutant(
    "a mark that comes passes the events that wait",
    FIFO,
    """self.input.ready.eq(self.occupancy.events != self.params.depth),
            self.output.payload.eq(queue.r_data),
            self.output.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.output.ready),""",
    """queue.w_en.eq(self.input.valid & (self.input.payload.kind != 1)),
            self.input.ready.eq(self.occupancy.events != self.params.depth),
            self.output.payload.eq(queue.r_data),
            self.output.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.output.ready),
        ]
        with m.If(self.input.valid & (self.input.payload.kind == 1)):
            m.d.comb += [
                self.input.ready.eq(self.output.ready),
                self.output.payload.eq(self.input.payload),
                self.output.valid.eq(1),
                queue.r_en.eq(0),
            ]
        m.d.comb += [""",
)
NOT_TAKEN = Mutant(
    "an event is kept only while the output takes one",
    FIFO,
    "queue.w_en.eq(self.input.valid)",
    "queue.w_en.eq(self.input.valid & self.output.ready)",
)
OCCUPANCY_WITHOUT_OUTPUT = Mutant(
    "the occupancy leaves out the event that is offered",
    FIFO,
    "self.occupancy.events.eq(queue.level)",
    "self.occupancy.events.eq(queue.level - queue.r_rdy)",
)
SMALLER = Mutant(
    "the queue holds an event less than it should",
    FIFO,
    "depth=self.params.depth)",
    "depth=self.params.depth - 1)",
)
