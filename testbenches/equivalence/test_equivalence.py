"""What is proved equal is equal, what differs never is; graphs and machines do what they say."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest

from spikelock.testbenches.alterations import list_mutations, prepare
from spikelock.testbenches.alterations.alteration import Alteration
from spikelock.testbenches.equivalence import deciding, prove_equal
from spikelock.testbenches.equivalence.graph import FALSE, TRUE, Graph, Lanes, Undecided
from spikelock.testbenches.equivalence.invariants import AtMost, Clause, after_reset, invariants
from spikelock.testbenches.equivalence.machine import Bit, Machine, machine, read_aiger

pytest.importorskip("pysat")

COUNTER = """
module dut(input clk, input rst, input up, output five, output six, output odd);
  // Counts to 5 and begins anew: 6 and 7 never occur; `shadow` is looked at only while `count` is 5.
  reg [2:0] count;
  reg [2:0] shadow;
  always @(posedge clk)
    if (rst) begin
      count <= 0;
      shadow <= 0;
    end else if (up) begin
      count <= count == 5 ? 0 : count + 1;
      shadow <= count == 4 ? 5 : shadow;
    end
  assign five = count == 5 && shadow == 5;
  assign six = count == 6;
  assign odd = count[0];
endmodule
"""


@pytest.fixture(scope="module")
def counter() -> str:
    return prepare(_rtlil(COUNTER))


def _rtlil(verilog: str) -> str:
    from spikelock.testbenches.yosys import run_yosys

    script = "read_verilog dut.v\nhierarchy -top dut\nwrite_rtlil dut.il"
    return run_yosys(script, {"dut.v": verilog}, ["dut.il"])["dut.il"]


def _all_mutations(prepared: str) -> list[Alteration]:
    return list(list_mutations(prepared, 400, seed=0))


def _shown(whole: Machine, number: int, steps: int) -> bool:
    """Whether any run of so many steps from reset shows the mutation: by trying all of them."""
    lanes = Lanes(1 << steps)
    runs = []
    for selected in (0, number):
        chosen = {bit: value * lanes.all for bit, value in deciding.selection(whole, selected).items()}
        states: Sequence[int] = after_reset(
            whole, lanes, [0] * len(whole.states), [_inputs(whole, chosen, 0)] * 2
        )
        seen = []
        for step in range(steps):
            # Bit `step` of a lane's number says whether it counts in that step: the lanes try all there are.
            up = sum(1 << lane for lane in range(1 << steps) if lane >> step & 1)
            states, outputs = whole.step(lanes, _inputs(whole, chosen, up), states)
            seen.append(outputs)
        runs.append(seen)
    return runs[0] != runs[1]


def _inputs(whole: Machine, chosen: Mapping[Bit, int], up: int) -> list[int]:
    return [chosen.get(bit, up if bit.name == "up" else 0) for bit in whole.inputs]


def test_every_mutant_of_a_counter_is_proved_equal_just_where_no_run_shows_it(counter: str) -> None:
    mutations = _all_mutations(counter)
    equal = prove_equal(counter, mutations)
    whole = machine(counter, mutations)
    shown = {one.number for one in mutations if _shown(whole, one.number, 9)}
    assert not equal & shown
    assert len(equal) > 10, "states that do not occur, and a register nobody looks at, make some equal"
    undecided = {one.number for one in mutations} - equal - shown
    assert len(undecided) <= len(mutations) // 30


def test_a_solver_without_time_proves_nothing(counter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(self: Graph, *given: object) -> None:
        raise Undecided

    monkeypatch.setattr(Graph, "values", never)
    assert prove_equal(counter, _all_mutations(counter)[:5]) == set()


def test_invariants_hold_and_are_found(counter: str) -> None:
    whole = machine(counter, _all_mutations(counter)[:1])
    found = invariants(whole, deciding.selection(whole, 0))
    count = tuple(n for n, bit in sorted(enumerate(whole.states), key=lambda x: x[1]) if bit.name == "count")
    assert AtMost(None, count, 5) in found
    assert Clause((2 * count[1] + 1, 2 * count[2] + 1)) in found, "6 and 7 have both of the upper bits"
    assert not any(isinstance(one, AtMost) and one.limit < 5 and one.condition is None for one in found)


@pytest.mark.parametrize("limit", range(8))
def test_at_most(limit: int) -> None:
    for value in range(8):
        bits = [value >> n & 1 for n in range(3)]
        assert AtMost(None, (0, 1, 2), limit).holds(Lanes(1), bits) == int(value <= limit)
        assert AtMost(0, (0, 1, 2), limit).holds(Lanes(1), bits) == int(value <= limit or not bits[0])


def test_a_graph_computes_and_its_solver_agrees() -> None:
    graph = Graph()
    a, b, c = (graph.variable() for _ in range(3))
    assert graph.both(a, a ^ 1) == FALSE
    assert graph.both(a, TRUE) == graph.both(TRUE, a) == a
    assert graph.both(a, b) == graph.both(b, a)
    formula = graph.either([graph.both(a, b), graph.differ(b, c)])
    solutions = set()
    while (values := graph.values([formula], [a, b, c], 1000)) is not None:
        solutions.add(tuple(values))
        graph.require([x ^ value for x, value in zip((a, b, c), values, strict=True)])
    assert solutions == {t for t in itertools.product((0, 1), repeat=3) if (t[0] and t[1]) or t[1] != t[2]}
    graph.close()


def test_aiger_is_read_whatever_the_order_of_its_nodes() -> None:
    text = "aag 5 2 1 1 2\n10\n4\n6 9 1\n3\n8 11 4\n2 6 8\ni0 a[0]\ni1 b\nl0 q\no0 y[2]\nc\nl0 not a symbol\n"
    read = read_aiger(text)
    assert (read.inputs, read.states, read.outputs) == (
        (Bit("a", 0), Bit("b", 0)),
        (Bit("q", 0),),
        (Bit("y", 2),),
    )
    assert read.initial == (1,)

    def expected(a: int, b: int, q: int) -> tuple[list[int], list[int]]:
        first = (1 - a) & b
        return [1 - first], [1 - (q & first)]

    for a, b, q in itertools.product((0, 1), repeat=3):
        given: Sequence[int] = (a, b)
        assert read.step(Lanes(1), given, [q]) == expected(a, b, q)
