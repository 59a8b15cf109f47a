"""Mutation campaigns: a bench that looks kills, one that does not look shows survivors; who is equivalent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spikelock.formal.proof import proofs
from spikelock.models.core import twin
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.neurons.lif import CORE, Params
from spikelock.models.ports import Records
from spikelock.models.sc.sobol import CORE as SOBOL
from spikelock.models.sc.sobol import Params as Sobol
from spikelock.testbenches.alterations import Alteration, build_altered, list_mutations, prepare_component
from spikelock.testbenches.bench import Case
from spikelock.testbenches.equivalence import prove_equal
from spikelock.testbenches.mutation.campaign import Fate, ShareResult, run_share
from spikelock.testbenches.mutation.keeping import keep
from spikelock.testbenches.mutation.leaves import own_leaves
from spikelock.testbenches.mutation.proofs import ProofView, toothless, view
from spikelock.testbenches.mutation.report import share_data
from spikelock.testbenches.mutation.score import Score, below_gate, merged, surely_below_gate
from spikelock.testbenches.mutation.search import Shown, search
from spikelock.testbenches.mutation.shares import Share, designs, share_out
from spikelock.testbenches.mutation.trials import Jury
from spikelock.testbenches.neurons.test_lif import BENCH as LIF
from spikelock.testbenches.neurons.test_lif import case
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.regression_cases import load, replay
from spikelock.testbenches.trial import Trial

PARAMS = Params(width=6, fraction=2, current_width=5, threshold=9, refractory_period=1)
BENCH = replace(LIF, cases=[case("small", PARAMS, leak=100, gain=150, rest=-3)])
SHARE = Share(CORE.name, design=0, count=40, seed=2, size=200)


def silence(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """A stimulus that shows next to nothing."""
    return {"input": CORE.inputs(PARAMS)["input"].records(np.zeros(size, int))}


WEAK = replace(BENCH, cases=[Case("small", PARAMS, silence)], settings=None)


@pytest.fixture(scope="module")
def prepared() -> str:
    return prepare_component(twin(CORE.name, "rtl").component(PARAMS))


@pytest.fixture(scope="module")
def campaign() -> ShareResult:
    return run_share(BENCH, SHARE)


def cell(prepared: str, line: str) -> str:
    """The cell that a line of the prepared design belongs to."""
    before = prepared[: prepared.index(line)]
    return before[before.rindex("\n  cell ") :].split()[2]


def test_a_bench_kills_and_says_by_what(campaign: ShareResult) -> None:
    score = Score.of(campaign.fates)
    assert score.total == 40
    assert score.strict > 0.9, share_data(campaign)["survivors"]
    assert score.killed["scoreboard"] > 20
    for fate in campaign.fates:
        assert (fate.kill is not None) == (fate.verdict == "killed")
        assert fate.mutation.sources


def test_a_bench_that_does_not_look_shows_survivors() -> None:
    """Negative control: the mutants are there to be killed, and nothing is killed that is not seen."""
    done = run_share(WEAK, SHARE)
    score = Score.of(done.fates)
    assert score.strict < 0.8
    assert score.different > 5
    survivors = share_data(done)["survivors"]
    assert all(survivor["sources"][0]["text"] for survivor in survivors)
    assert any("seed" in survivor["shown"] for survivor in survivors)


def test_selection_0_must_be_the_original(prepared: str) -> None:
    class Broken:
        """Whatever the selector says, the membrane potential that is put out has a bit stuck."""

        number = 1

        def commands(self, selector_bits: int) -> str:
            where = "-module dut.step -cell " + cell(prepared, "connect \\Y \\next_refractory")
            return f"mutate -mode const1 {where} -port Y -portbit 0 -ctrl alteration {selector_bits} 0\n"

    core = BENCH.core
    built = build_altered(prepared, [Broken()], core.pins(PARAMS), core.outputs(PARAMS))
    with pytest.raises(SpikelockError, match="selection 0 is not the original"):
        Jury(BENCH, BENCH.cases, built, 0, 100)


def test_a_known_equivalent_and_a_known_different_mutant(prepared: str) -> None:
    step = "dut.step"
    counter = cell(prepared, "connect \\Y \\next_refractory")
    same = Alteration(1, "inv", step, counter, "Y", 0)
    different = Alteration(2, "const1", step, counter, "Y", 0)
    twice = Both(same)
    assert prove_equal(prepared, [twice, different]) == {1}
    assert prove_equal(prepared, []) == set()


def test_no_mutant_that_the_bench_kills_is_proved_equal(prepared: str) -> None:
    mutations = list_mutations(prepared, 60, seed=3)
    built = build_altered(prepared, mutations, CORE.pins(PARAMS), CORE.outputs(PARAMS))
    jury = Jury(BENCH, BENCH.cases, built, 0, 300)
    killed = {one.number for one in mutations if jury.judge(one.number)}
    assert len(killed) > 40
    assert not prove_equal(prepared, mutations) & killed


def test_a_register_that_is_always_what_it_is_first_can_be_compared() -> None:
    prepared = prepare_component(twin(SOBOL.name, "rtl").component(Sobol(width=1)))
    mutations = list_mutations(prepared, 30, 0)
    assert 0 < len(prove_equal(prepared, mutations)) < len(mutations)


class Both:
    """An inversion made twice, which changes nothing, and which no simplification is told of."""

    def __init__(self, alteration: Alteration) -> None:
        self.number = alteration.number
        self.alteration = alteration

    def commands(self, selector_bits: int) -> str:
        return 2 * self.alteration.commands(selector_bits)


def test_a_search_shows_what_a_mutant_changes(prepared: str) -> None:
    mutant = Alteration(1, "inv", "dut.step", cell(prepared, "connect \\Y \\next_refractory"), "Y", 3)
    built = build_altered(prepared, [mutant], CORE.pins(PARAMS), CORE.outputs(PARAMS))
    shown = search(Jury(BENCH, BENCH.cases, built, 0, 20), BENCH.cases, [1], seed=0, size=200)[1]
    other = replace(BENCH.cases[0], registers=shown.registers)
    jury = Jury(BENCH, [other], built, shown.seed, shown.size)
    assert jury.judge(1) == shown.kill
    assert str(shown.seed) in str(shown)


def test_a_stimulus_that_shows_a_mutant_is_kept_and_kills_it(prepared: str, tmp_path: Path) -> None:
    (mutant,) = (m for m in list_mutations(prepared, 60, seed=3) if m.number == 7)
    mutant = replace(mutant, number=1)
    built = build_altered(prepared, [mutant], CORE.pins(PARAMS), CORE.outputs(PARAMS))
    kill = Jury(BENCH, BENCH.cases, built, 5, 200).judge(1)
    assert kill is not None
    file = keep(BENCH, mutant, Shown(kill, {}, 5, 200), tmp_path / "mutants")
    case = load(file)
    assert case.transactions < 20
    assert str(mutant) in case.found.origin
    assert replay(case, "rtl").passed
    stimulus = replace(
        BENCH.cases[0], stimulus=lambda random, size: case.job.inputs, registers=case.registers
    )
    assert Jury(BENCH, [stimulus], built, 0, 1).judge(1) is not None


def test_a_hang_is_a_weak_kill(prepared: str) -> None:
    mutant = Alteration(1, "const0", "dut", cell(prepared, "connect \\Y \\input__ready"), "Y", 0)
    built = build_altered(prepared, [mutant], CORE.pins(PARAMS), CORE.outputs(PARAMS))
    kill = Jury(BENCH, BENCH.cases, built, 0, 100).judge(1)
    assert kill is not None
    assert kill.detector is Detector.TIMEOUT
    assert Score.of([Fate(mutant, "small", leaf=False, verdict="killed", kill=kill)]).weak == 1


def test_random_settings_are_tried_at_rtl_and_follow_the_seed() -> None:
    def settings(seed: int) -> list[object]:
        plays = Trial(BENCH, BENCH.cases[0], "rtl", seed, 20).plays()
        return [play.configuration.registers for n, play in plays.items() if n.startswith("settings")]

    assert settings(1) == settings(1) != settings(2)
    assert len({str(found) for found in settings(1)}) > 3
    assert not any(name.startswith("settings") for name in Trial(WEAK, WEAK.cases[0], "rtl", 0, 20).plays())


def test_shares() -> None:
    shares = share_out(LIF, 1000, seed=5, size=10)
    assert sum(share.count for share in shares) == 1000
    assert len(shares) == len(designs(LIF))
    assert all(share.seed == 5 and share.size == 10 for share in shares)
    assert len(share_out(LIF, 30, seed=0, size=10)) == 1
    for count, seed, size in ((0, 0, 1), (1, -1, 1), (1, 0, 0)):
        with pytest.raises(BadInput):
            share_out(LIF, count, seed, size)


def test_leaves_hold_no_state_and_belong_to_the_core_in_whose_file_they_stand(prepared: str) -> None:
    assert own_leaves(prepared, "neurons.lif") == {"dut.step"}
    assert own_leaves(prepared, "fabric.tile") == set()


def test_scores() -> None:
    score = Score({"scoreboard": 90, "timeout": 4}, equivalent=20, different=2, unknown=4)
    assert (score.kills, score.weak, score.total) == (94, 4, 120)
    assert score.strict == pytest.approx(0.94)
    assert score.optimistic == pytest.approx(94 / 96)
    low, high = score.interval
    assert low < score.strict < high
    assert merged([score.to_json(), score.to_json()]).strict == score.strict
    assert merged([score.to_json(), score.to_json()]).total == 240
    assert Score({}, 3, 0, 0).strict == 1.0
    perfect = Score({"scoreboard": 9}, 0, 0, 0)
    assert below_gate(perfect, perfect) == []
    assert len(below_gate(score, score)) == 2
    assert "2 differ" in below_gate(score, perfect)[0]
    assert surely_below_gate(score) == []
    assert "at most" in surely_below_gate(Score({"scoreboard": 80}, 0, 10, 10))[0]


def test_a_proof_catches_mutants_and_one_that_catches_none_is_named() -> None:
    proof = next(proof for proof in proofs(CORE.name) if proof.name == "stream")
    seen = view(proof, 3, seed=1)
    assert len(seen.caught) + len(seen.missed) + len(seen.undecided) == 3
    blind = ProofView(proof, (), seen.missed, seen.undecided)
    assert blind.catches_none
    assert '"stream" catches none' in toothless([blind])[0]
