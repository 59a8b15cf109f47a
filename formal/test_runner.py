"""What the runner makes of proofs that hold, fail, are undecided, or are worth nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from amaranth.asserts import AnySeq
from amaranth.hdl import Module, Signal

from spikelock.formal import runner, sby, trace
from spikelock.formal.design import Design, design
from spikelock.formal.proof import Proof, proofs
from spikelock.formal.properties import Inside, assume, claim, cover, helper
from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.neurons.lif import Params

Properties = Callable[[Module, Any, Inside], None]


def a_proof(properties: Properties, **options: Any) -> Proof:
    return Proof("neurons.lif", "of the test", "", Params(), properties, (), **options)


def counts_to_nine(m: Module) -> Signal:
    """A register that counts 0 … 9, 0 …; the values above cannot occur."""
    count = Signal(4)
    m.d.sync += count.eq(count + 1)
    with m.If(count == 9):
        m.d.sync += count.eq(0)
    cover(m, "the count is 3", count == 3)
    return count


def prove(properties: Properties, folder: Path, **options: Any) -> runner.ProofResult:
    return runner.prove(a_proof(properties, **options), folder)


# ---------------------------------------------------------------- what holds


def test_unbounded(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "below ten", counts_to_nine(m) < 10)

    result = prove(properties, tmp_path)
    assert result.status == "proved"
    assert result.covers == {"the count is 3": 3}
    assert result.counterexample is None


def test_bounded_is_said_to_be_bounded(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "not twelve", counts_to_nine(m) != 12)

    assert prove(properties, tmp_path, induction=None).status == "bounded"


def test_an_equal_run_is_kept(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "not eleven", counts_to_nine(m) < 11)

    prove(properties, tmp_path, induction=None)
    again = prove(properties, tmp_path, induction=None)
    assert again.kept
    assert again.status == "bounded"


def test_all_proofs_of_a_core_in_their_order(tmp_path: Path) -> None:
    told: list[runner.ProofResult] = []
    results = runner.prove_all(["neurons.lif"], tmp_path, progress=told.append)
    assert [result.proof for result in results] == list(proofs("neurons.lif"))
    assert sorted(str(result.proof) for result in told) == sorted(str(result.proof) for result in results)


# ---------------------------------------------------------------- what fails


def test_assert_zero_fails(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "never", 0)
        counts_to_nine(m)

    assert prove(properties, tmp_path).status == "failed"
    assert prove(properties, tmp_path, bit_level=True).status == "failed"


def test_a_counterexample_names_the_claim_its_line_and_the_signals(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        count = counts_to_nine(m)
        below = Signal(range(-8, 8), name="below")
        m.d.comb += below.eq(count - 4)
        claim(m, "below two", below < -2)

    found = prove(properties, tmp_path).counterexample
    assert found is not None
    assert found.claim == "below two"
    assert found.step == 2
    assert found.signals["count"] == ["0", "1", "2"]
    assert found.signals["below"] == ["-4", "-3", "-2"]
    assert found.wave.is_file()
    file, _, line = found.source.rpartition(":")
    assert 'claim(m, "below two"' in Path(__file__).read_text().splitlines()[int(line) - 1]
    assert file.endswith(Path(__file__).name)
    assert '"below two" fails in cycle 2' in str(found)


def test_a_counterexample_is_that_of_its_own_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a broken core of the same proof, tried at the same time, leaves in the folder."""

    def read_signals(made: Design, wave: Path, steps: int) -> dict[str, list[str]]:
        for name in ("neurons-lif-of-the-test.vcd", *(file.name for file in tmp_path.glob("*.vcd"))):
            (tmp_path / name).write_text("$upscope $end")
        return trace.read_signals(made, wave, steps)

    def properties(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "below two", counts_to_nine(m) < 2)

    monkeypatch.setattr(runner, "read_signals", read_signals)
    found = prove(properties, tmp_path).counterexample
    assert found is not None
    assert found.signals["count"] == ["0", "1", "2"]
    assert "$scope module top $end" in found.wave.read_text()


def test_a_state_machine_is_shown_by_the_names_of_its_states(tmp_path: Path) -> None:
    proof = replace(proofs("fabric.tile")[0], properties=_never_idle, induction=None)
    found = runner.prove(proof, tmp_path).counterexample
    assert found is not None
    assert found.signals["core.fsm_state"] == ["CLEAR", "CLEAR", "CLEAR", "IDLE"]


def _never_idle(m: Module, core: Any, inside: Inside) -> None:
    claim(m, "never idle", ~inside.in_state("IDLE"))
    cover(m, "clearing", inside.in_state("CLEAR"))


def test_what_is_cut_out_may_do_anything(tmp_path: Path) -> None:
    found = runner.prove(replace(proofs("sc.tile")[0], properties=_silent_layer), tmp_path)
    assert found.status == "failed"
    assert found.counterexample is not None
    assert found.counterexample.claim == "no spike before an input"
    with pytest.raises(BadInput, match="no submodule lair"):
        Inside(proofs("sc.tile")[0].component()).cut("lair")


def _silent_layer(m: Module, core: Any, inside: Inside) -> None:
    inside.cut("layer")
    m.d.comb += core.layer.output.valid.eq(AnySeq(1))
    claim(m, "no spike before an input", ~core.layer.output.valid)
    cover(m, "no spike", ~core.layer.output.valid)


def test_a_cover_that_is_not_reached_fails(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        count = counts_to_nine(m)
        claim(m, "below ten", count < 10)
        cover(m, "the count is 12", count == 12)

    result = prove(properties, tmp_path, depth=12)
    assert result.status == "failed"
    assert result.missing == ("the count is 12",)
    assert "the count is 12" in result.reason


def test_a_claim_that_is_never_tried_fails(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        count = counts_to_nine(m)
        claim(m, "below ten", count < 10)
        claim(m, "nonsense", 0, when=count == 12)

    result = prove(properties, tmp_path, depth=12)
    assert result.status == "failed"
    assert result.missing == ("tried: nonsense",)


def test_assumptions_that_exclude_everything_do_not_prove(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        count = counts_to_nine(m)
        assume(m, "nothing counts", count == 0)
        claim(m, "never two", count != 2)

    assert prove(properties, tmp_path).status in ("failed", "unknown")


# ---------------------------------------------------------------- what is undecided


def test_what_is_not_inductive_is_unknown(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "below twelve", counts_to_nine(m) < 12)

    result = prove(properties, tmp_path)
    assert result.status == "unknown"
    assert result.counterexample is not None
    assert result.counterexample.signals["count"] == ["11", "12"]


def test_a_helper_that_fails_alone_proves_nothing_wrong(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        count = counts_to_nine(m)
        helper(m, "below two", count < 2)
        claim(m, "below ten", count < 10)

    result = prove(properties, tmp_path)
    assert result.status == "unknown"
    assert '"helper: below two"' in result.reason


def test_what_holds_for_true_products_only_is_unknown_with_free_ones(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        factor = core.input.payload.current
        claim(m, "no square is 3", factor * factor != 3)
        cover(m, "a square is 9", factor * factor == 9)

    assert prove(properties, tmp_path).status == "proved"
    result = prove(properties, tmp_path, free_products=True)
    assert result.status == "unknown"
    assert "no run of 8 cycles from reset breaks a claim" in result.reason


def test_what_the_core_holds_fails_where_the_wire_is_free(tmp_path: Path) -> None:
    def as_it_is(m: Module, core: Any, inside: Inside) -> None:
        stalled = core.output.valid & ~core.output.ready
        claim(m, "a stalled core takes nothing", ~core.input.ready, when=stalled)
        cover(m, "a stalled core", stalled)

    def freed(m: Module, core: Any, inside: Inside) -> None:
        inside.free("input__ready")
        as_it_is(m, core, inside)

    assert prove(as_it_is, tmp_path).status == "proved"
    assert prove(freed, tmp_path).status == "failed"


def test_a_timeout_is_unknown_and_not_kept(tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        a, b = AnySeq(40), AnySeq(40)
        semiprime = 679535557021 * 836221418797  # of two primes of 40 bits: hard to factor
        claim(m, "is not factored", (a == 1) | (b == 1) | (a * b != semiprime))
        cover(m, "always", 1)

    for _ in range(2):
        result = prove(properties, tmp_path, timeout=1)
        assert result.status == "unknown"
        assert not result.kept
        assert "within 1 s" in result.reason


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def properties(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "below ten", counts_to_nine(m) < 10)

    monkeypatch.setattr(sby, "PROGRAMS", ("no-such-solver",))
    sby.programs.cache_clear()
    try:
        with pytest.raises(
            MissingTool, match=r"no-such-solver is not installed: pip install 'spikelock\[formal\]'"
        ):
            prove(properties, tmp_path)
    finally:
        sby.programs.cache_clear()


# ---------------------------------------------------------------- what is refused


def claims_nothing(m: Module, core: Any, inside: Inside) -> None:
    counts_to_nine(m)


def covers_nothing(m: Module, core: Any, inside: Inside) -> None:
    claim(m, "a stalled output", 1, when=core.output.valid)


def claims_helpers_only(m: Module, core: Any, inside: Inside) -> None:
    helper(m, "below ten", counts_to_nine(m) < 10)


def claims_twice(m: Module, core: Any, inside: Inside) -> None:
    claim(m, "below ten", counts_to_nine(m) < 10)
    claim(m, "below ten", 1)


def looks_for_a_register_that_is_gone(m: Module, core: Any, inside: Inside) -> None:
    claim(m, "the register", inside.register("gone") == 0)


def frees_what_depends_on_conditions(m: Module, core: Any, inside: Inside) -> None:
    inside.free("step.next_membrane")


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (claims_nothing, "claims nothing"),
        (covers_nothing, "covers nothing"),
        (claims_helpers_only, "claims nothing"),
        (claims_twice, "two properties called 'below ten'"),
        (looks_for_a_register_that_is_gone, "0 sync signals of the core are called gone"),
        (frees_what_depends_on_conditions, "step.next_membrane is not driven by one assignment"),
    ],
)
def test_refused(properties: Properties, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        design(a_proof(properties))


def test_a_core_without_proofs() -> None:
    with pytest.raises(BadInput, match=r"neurons\.none has no proofs"):
        proofs("neurons.none")
