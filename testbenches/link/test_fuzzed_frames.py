"""The frame decoder in hardware on lines that a fuzzer makes: what leaves is what its specification says."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.formal.link.frame_decoder_mutants import CRC_UNCHECKED, CUT_OFF_ACCEPTED
from spikelock.models.link.frame_decoder import CORE, Params, body
from spikelock.models.link.frame_encoder import frame
from spikelock.models.link.protocol import Drop
from spikelock.models.mutant import Mutant
from spikelock.models.ports import Records
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.lockstep import Built, Job, Model, build
from spikelock.testbenches.lockstep.stalls import PRESETS, Stall
from spikelock.testbenches.pytest_plugin import Size

PARAMS = Params()
INPUTS, OUTPUTS = CORE.inputs(PARAMS), CORE.outputs(PARAMS)

BODIES = st.binary(min_size=PARAMS.shortest, max_size=PARAMS.longest)
WITHOUT_ZERO = st.integers(1, PARAMS.longest + 9).map(lambda length: b"\7" * length)
FRAMES = st.one_of(BODIES, WITHOUT_ZERO).map(lambda body: bytes(frame(body)))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A frame, some of its bytes changed, taken out or put in."""
    whole = bytearray(draw(FRAMES))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(whole)))
        whole[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(whole)


GOOD = bytes(frame(b"good"))
"""At the end of every line, after a 0: whatever came before does it no harm."""

LINES = st.lists(st.one_of(FRAMES, damaged(), st.binary(max_size=300)), max_size=4).map(b"".join)


def expected(line: bytes) -> tuple[dict[str, Records], Counter[str]]:
    """What leaves for a line that ends with a 0; and how often each fate befell a frame."""
    found = [body(PARAMS, one) for one in line.split(b"\0") if one]
    bodies = [one for one in found if not isinstance(one, Drop)]
    drops = [one for one in found if isinstance(one, Drop)]
    last = [int(at == len(one) - 1) for one in bodies for at in range(len(one))]
    output = OUTPUTS["output"].records([byte for one in bodies for byte in one], last)
    records = {"output": output, "dropped": OUTPUTS["dropped"].records([int(drop) for drop in drops])}
    return records, Counter({"delivered": len(bodies)}) + Counter(drop.name for drop in drops)


def fuzz(model: Model, cases: int) -> Counter[str]:
    """Tries so many lines, under any stalls, each from reset; raises AssertionError with the smallest line
    for which something else leaves. Returns the fates of all frames.
    """
    fates: Counter[str] = Counter()

    @settings(max_examples=cases)
    @given(LINES, st.sampled_from(list(PRESETS.values())), st.integers(0, 1000))
    def one_line(line: bytes, stalls: Stall, seed: int) -> None:
        line += b"\0" + GOOD
        wanted, some = expected(line)
        model.reset()
        response = model.run(
            Job({"input": INPUTS["input"].records(list(line))}, wanted, stalls=stalls, seed=seed)
        )
        assert response.ok, response.problems
        fates.update(some)

    one_line()
    return fates


@cache
def built(mutant: Mutant | None = None) -> Built:
    """The decoder, or a broken one."""
    from spikelock.rtl.link.frame_decoder import component

    return build(mutant.component(CORE.name, PARAMS) if mutant else component(PARAMS), INPUTS, OUTPUTS)


def test_what_leaves_is_what_the_specification_says(size: Size) -> None:
    with skipped_without_tools(), Model(built()) as model:
        fates = fuzz(model, size.pick(200, 100_000))
    print(dict(fates))  # shown by -rP
    every = {"delivered", *Drop.__members__}
    assert set(fates) == every or (size is Size.SHORT and len(fates) > 2), "not every fate befell some frame"


@pytest.mark.parametrize("mutant", [CRC_UNCHECKED, CUT_OFF_ACCEPTED], ids=lambda mutant: mutant.breaks)
def test_control_a_broken_decoder_is_found(mutant: Mutant) -> None:
    with skipped_without_tools(), Model(built(mutant)) as model, pytest.raises(AssertionError):
        fuzz(model, 2000)
