"""Proof of `RegisterAccess`, and the broken ones that it catches."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from spikelock.models.board.channels import DONE, NO_SUCH_ADDRESS, NOT_WRITABLE
from spikelock.models.board.registers import CHAIN_REGISTERS, CONTROL, STATUS
from spikelock.models.fixed import signed, unsigned
from spikelock.models.link.protocol import Channel
from spikelock.models.mutant import Mutant
from spikelock.models.ports import Register

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from .streams import Words, stays

REGISTER_ACCESS = "board.register_access"
CHAIN = {"threshold": Register(signed(11), -5, "signed"), "leak": Register(unsigned(4), 3, "unsigned")}
FIXED = ("lockstep",)
REQUEST, REPLY = 7, 6
"""Bytes of a request, and of a reply with its channel."""


class Registers:
    """What registers hold, by rule 5.1: `address` is written in this cycle, or is read.

    holds: by name. answer: status and data of an access in this cycle.
    """

    def __init__(self, m: Module, core: Any, now: Any, write: Any, address: Any, data: Any) -> None:
        self.holds: dict[str, Value] = {}
        status: Value = Const(NO_SUCH_ADDRESS, 8)
        word: Value = Const(0, 32)
        fields = [
            *((number, name, r, name not in FIXED) for number, (name, r) in enumerate(CONTROL.items())),
            *((len(CONTROL) + number, name, r, False) for number, (name, r) in enumerate(STATUS.items())),
            *((CHAIN_REGISTERS + number, name, r, True) for number, (name, r) in enumerate(CHAIN.items())),
        ]
        for at, name, register, writable in fields:
            here = address == at
            if name in STATUS:
                value = Value.cast(core.status[name])
            else:
                bits = register.q.width
                value = Signal(bits, init=register.reset % (1 << bits), name=f"{name}_holds")
                self.holds[name] = value
                if writable:
                    with m.If(now & write & here):
                        m.d.sync += value.eq(data)
            status = Mux(here, Mux(write, DONE if writable else NOT_WRITABLE, DONE), status)
            word = Mux(here & ~write, value, word)
        self.answer = Cat(status[:8], word[:32])


def requests(m: Module, core: Any, inside: Inside) -> None:
    """Requests and their answers."""
    source, out = core.input, core.output
    words = Words(m, source.valid & source.ready, source.payload, REQUEST)
    request = Signal(8 * REQUEST, name="request")
    carried, owed = Signal(name="carried_out"), Signal(name="answer_owed")
    at = Signal(range(REPLY), name="byte_of_reply")
    leaves = out.valid & out.ready
    ends = leaves & (at == REPLY - 1)
    m.d.sync += carried.eq(words.complete)
    with m.If(words.complete):
        m.d.sync += [request.eq(words.word), owed.eq(1)]
    with m.Elif(ends):
        m.d.sync += owed.eq(0)
    with m.If(leaves):
        m.d.sync += at.eq(Mux(ends, 0, at + 1))

    registers = Registers(m, core, carried, request[0], request[8:24], request[24:])
    answer = Signal(40, name="answer")
    with m.If(carried):
        m.d.sync += answer.eq(registers.answer)
    reply = Cat(Const(Channel.REGISTERS, 8), answer)
    claim(m, "a request is taken exactly while none is answered", source.ready == ~owed)
    claim(m, "a request cut short is refused, once, and does nothing", core.refused == words.cut)
    claim(m, "nothing is sent but answers", owed & ~carried, when=out.valid)
    claim(m, "an answer is what the rules say", out.payload.data == reply.word_select(at, 8), when=out.valid)
    claim(m, "an answer is a packet of six bytes", out.payload.last == (at == REPLY - 1), when=out.valid)
    claim(m, "what waits at the output stays", stays(m, out, "output"))
    hidden = Signal(range(8), name="cycles_hidden")
    m.d.sync += hidden.eq(Mux(owed & ~out.valid, hidden + 1, 0))
    claim(m, "an answer comes after two cycles, or one", hidden <= 2)
    for name, value in registers.holds.items():
        port = core.registers if name in CHAIN else core.control
        claim(m, f"{name} holds what was written to it last", Value.cast(port[name]).as_unsigned() == value)

    _tie(m, inside, words, request, reply, carried, owed, at, hidden)
    written = request[0] & (request[8:24] == CHAIN_REGISTERS)
    answered = leaves & (at == 1)
    cover(m, "a negative value is written", answered & written & Value.cast(core.registers.threshold)[-1])
    cover(
        m, "a register of the chain is read", answered & ~request[0] & (request[8:24] == CHAIN_REGISTERS + 1)
    )
    cover(m, "a register of the board is read", answered & ~request[0] & (request[8:24] == len(CONTROL)))


def _tie(
    m: Module,
    inside: Inside,
    words: Words,
    request: Any,
    reply: Value,
    carried: Any,
    owed: Any,
    at: Any,
    hidden: Any,
) -> None:
    """Helpers: the core's state is that of the request it is at."""
    bits, place = inside.register("bits"), inside.register("at")
    asks, does, banks, answers = (
        inside.in_state(state) for state in ("REQUEST", "CARRY OUT", "BANK", "REPLY")
    )
    bank: Value = Value.cast(inside.register("bank.reply__payload"))
    helper(m, "a state that there is", asks | does | banks | answers)
    helper(m, "asks while nothing is owed", asks == ~owed)
    helper(m, "carries out at once", does == carried)
    helper(m, "a request is carried out whole", bits == request, when=does)
    helper(m, "bytes of the request", place == words.at, when=asks)
    helper(m, "no byte before", words.at == 0, when=~asks)
    helper(m, "the rest of the reply", (place == at) & (hidden <= 2), when=answers)
    helper(m, "bytes of the reply", at < REPLY)
    helper(m, "none while the bank reads", place == 0, when=banks)
    helper(m, "the first byte", at == 0, when=~answers)
    helper(m, "hidden", hidden == Mux(banks, 1, 0), when=~answers)
    helper(m, "hidden before", hidden <= Mux(at == 0, 2, 0), when=answers)
    chain = (request[8:24] >= CHAIN_REGISTERS) & (request[8:24] < CHAIN_REGISTERS + len(CHAIN))
    helper(
        m, "what the bank says", reply[8:] == Cat(Const(DONE, 8), bank, Const(0, 32 - len(bank))), when=banks
    )
    helper(m, "the bank is asked for its own", chain & ~request[0], when=banks)
    helper(m, "the bank's answer is taken", ~inside.register("bank.reply__valid") | banks)
    for count in range(REPLY):
        rest = 8 * (REPLY - count)
        same = bits[:rest] == reply[8 * count :]
        helper(m, f"after {count} bytes", ~answers | (at != count) | same)
    for number, byte in enumerate(words.bytes_before):
        for count in range(number + 1, REQUEST):
            start = len(bits) - 8 * (count - number)
            here = asks & (words.at == count)
            helper(m, f"byte {number} of {count}", bits[start : start + 8] == byte, when=here)


def _broken(breaks: str, old: str, new: str) -> Mutant:
    return Mutant(breaks, REGISTER_ACCESS, old, new)


PROOFS = (
    Proof(
        REGISTER_ACCESS,
        "requests",
        "Each whole request is answered exactly once, in order, by a packet of its own with status and "
        "data as rule 5.1 says, under any stall; a write changes the register it names and no other; what "
        "is cut short changes nothing. With all of a board's registers, one of them fixed, and two of a "
        "chain.",
        (CHAIN, FIXED),
        requests,
        (
            _broken(
                "a register that cannot be written says that it was",
                "Mux(write, NOT_WRITABLE, DONE)),\n                                answer",
                "DONE),\n                                answer",
            ),
            _broken(
                "data comes highest byte first",
                "address, data = bits[0], bits[8:24], bits[24:]",
                "address, data = bits[0], bits[8:24], Cat(bits[48:], bits[40:48], bits[32:40], bits[24:32])",
            ),
            _broken(
                "a write answers with what was written", "answer.eq(Mux(write, 0, value))", "answer.eq(value)"
            ),
            _broken(
                "the chain's registers end one too late",
                "(address[:start] < len(self.chain))",
                "(address[:start] <= len(self.chain))",
            ),
            _broken(
                "half a request stays before the next",
                "self.refused.eq(1)\n                        m.d.sync += at.eq(0)",
                "self.refused.eq(1)",
            ),
            _broken(
                "a fixed register says that it was written",
                "if name in self.fixed:\n                                m.d.comb += status.eq(Mux(write, "
                "NOT_WRITABLE, DONE))",
                "if name in self.fixed:\n                                m.d.comb += status.eq(DONE)",
            ),
        ),
        depth=12,
        bit_level=True,
    ),
)
