"""The access that a register bank on a bus has at work, by the specification.

Written once more, bit by bit: which registers there are, what a write with strobes leaves in them, and what
is answered. Helpers tie the state of the core to it, so that induction begins with states that can occur.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data

from spikelock.models.bus.register_space import RegisterSpace
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Register
from spikelock.rtl.register_access import access_layout

from ..properties import Inside, claim, cover, helper

OKAY, SLVERR, DECERR = 0, 2, 3

REGISTERS = (
    ("wide", Register(unsigned(32), 0x1234_5679, "a word")),
    ("low", Register(signed(11), -5, "less than two bytes")),
    ("constant", Register(unsigned(3), 5, "only read")),
)
READ_ONLY = ("constant",)
SPACE = "three registers of 32, 11 and 3 bits, the last only read, and five words beyond them"
"""What the proofs are about."""


class Work:
    """busy: an access was taken and is not answered. writing: it is a write. strobe: its bytes.

    before, after: bits of the writable registers before it, and when it is done. response, number, word:
    what is to be answered: the code of AXI, the number of the register, and what it then holds.
    since: cycles that the core has worked on it.

    begins: one bit, an access is taken in this cycle; writes, address, word, strobe: which. ends: it is
    answered.
    """

    def __init__(
        self,
        m: Module,
        core: Any,
        inside: Inside,
        *,
        begins: Any,
        ends: Any,
        writes: Any,
        address: Any,
        word: Any,
        strobe: Any,
    ) -> None:
        self.space: RegisterSpace = core.params
        self.starts: dict[str, int] = {}
        reset: list[Const] = []
        for name, register in self.space.registers:
            if name not in self.space.read_only:
                self.starts[name] = sum(map(len, reset))
                reset.append(Const(register.reset % 2**register.q.width, register.q.width))
        reset_bits = Const.cast(Cat(reset))
        self.busy = Signal(name="busy")
        self.writing = Signal(name="writing")
        self.before = Signal(len(reset_bits), init=reset_bits.value, name="registers_before")
        self.after = Signal(len(reset_bits), init=reset_bits.value, name="registers_after")
        self.strobe = Signal(4, name="strobe_at_work")
        self.number = Signal(self.space.address_width - 2, name="number_at_work")
        self.since = Signal(3, name="cycles_at_work")
        m.d.sync += self.since.eq(self.since + (self.since < 7))
        with m.If(begins):
            m.d.sync += [self.busy.eq(1), self.writing.eq(writes), self.before.eq(self.after)]
            m.d.sync += [self.strobe.eq(strobe), self.number.eq(address >> 2), self.since.eq(0)]
            with m.If(writes):
                m.d.sync += self.after.eq(self._written(self.after, address >> 2, word, strobe))
        with m.Elif(ends):
            m.d.sync += self.busy.eq(0)

        self.response, self.word = self._answer(self.after)
        self.done = self.response == OKAY
        self._tie(m, inside)
        self.now = Value.cast(core.registers)

    def _written(self, bits: Value, number: Any, word: Any, strobe: Any) -> Value:
        """The bits of the registers after a write."""
        written = []
        for index, (name, register) in enumerate(self.space.registers):
            for bit in range(register.q.width if name in self.starts else 0):
                old = bits[self.starts[name] + bit]
                written.append(Mux((number == index) & strobe[bit // 8], word[bit], old))
        return Cat(written)

    def _answer(self, bits: Value) -> tuple[Value, Value]:
        """Response and word of the access at work, where these are the bits of the registers."""
        response: Value = Const(DECERR, 2)
        word: Value = Const(0, 32)
        for index, (name, register) in enumerate(self.space.registers):
            here, width = self.number == index, register.q.width
            start = self.starts.get(name)
            value = register.reset if start is None else bits[start : start + width]
            response = Mux(here, Mux(self.writing, SLVERR, OKAY) if start is None else OKAY, response)
            word = Mux(here, value, word)
        return response, word

    def _tie(self, m: Module, inside: Inside) -> None:
        """Helpers: the state of the core is that of the access at work."""
        idle, working, answering = (
            inside.in_state(state, "registers.fsm") for state in ("idle", "work", "answer")
        )
        taken: Any = data.View(access_layout(self.space), inside.register("registers.taken"))
        bank = Cat(inside.register(f"registers.bank.{name}") for name in self.starts)
        changes = self.writing & self.done
        to_write = self.busy & changes & working
        helper(m, "at work or idle", idle == ~self.busy)
        helper(m, "a state that there is", idle | working | answering)
        helper(m, "done in the first cycle", self.since == 0, when=working)
        helper(m, "then answered", self.since > 0, when=answering)
        helper(m, "the kind that was taken", taken.write == self.writing, when=self.busy)
        helper(m, "the address that was taken", taken.address[2:] == self.number, when=self.busy)
        helper(m, "the strobes that were taken", taken.strobe == self.strobe, when=self.busy)
        helper(m, "the registers before", bank == self.before, when=to_write)
        helper(m, "the registers after", bank == self.after, when=~to_write)
        will_be = self._written(self.before, taken.address[2:], taken.data, taken.strobe)
        helper(m, "what will be written", self.after == will_be, when=to_write)
        helper(m, "nothing else is written", self.after == self.before, when=self.busy & ~changes)


def claim_registers(m: Module, work: Work, done: Any) -> None:
    """The registers hold what the writes that were taken have left in them. done: the access is answered."""
    after = work.now == work.after
    claim(m, "between accesses, registers hold what was written", after, when=~work.busy)
    claim(m, "a read changes nothing", after, when=work.busy & ~work.writing)
    claim(m, "a write is done before it is answered", after, when=done)
    seen = (work.now == work.before) | after
    claim(m, "no other value is ever seen", seen, when=work.busy)
    middle = work.writing & (work.strobe == 0b0110) & (work.before != work.after)
    cover(m, "a write of the middle bytes alone", done & middle)
    earlier = Signal(name="wrote_three")
    with m.If(done & (work.after[:4] == 3)):
        m.d.sync += earlier.eq(1)
    cover(m, "a second write", earlier & done & (work.after[:4] == 9))
