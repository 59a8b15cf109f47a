"""The compiled loops against NumPy, for every kind of processor that g++ knows here; and doing without."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from spikelock.models.engine import kernel
from spikelock.models.engine.sc import packing, product, sources, streams
from spikelock.models.errors import BadInput, MissingTool, SpikelockError
from spikelock.models.lfsr import Kind, maximal


@pytest.fixture(params=["native", "x86-64-v3", "x86-64"])
def compiled(request: pytest.FixtureRequest) -> kernel.Kernel:
    """The kernel as it is here, with AVX2 only, and with neither AVX nor a population count."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed: apt install g++")
    if request.param != "native":
        if platform.machine() != "x86_64":
            pytest.skip(f"{request.param} is not a processor like this {platform.machine()}")
        if request.param == "x86-64-v3" and " avx2 " not in Path("/proc/cpuinfo").read_text():
            pytest.skip("this processor has no AVX2")
    return kernel.load(request.param)


THRESHOLDS = [-1, 0, 1, 2, (1 << 40) + 1]


def check_overlaps(compiled: kernel.Kernel) -> None:
    random = np.random.default_rng(1)
    for rows_a in (0, 1, 2, 5):
        for rows_b in (0, 1, 3, 4, 9):
            for words in (0, 1, 7, 8, 9, 255, 256, 257, 600):
                a, b = (random.integers(0, 1 << 64, (rows, words), np.uint64) for rows in (rows_a, rows_b))
                assert np.array_equal(compiled.overlaps(a, b), product.overlaps(a, b, "numpy"))


def check_slices(compiled: kernel.Kernel, width: int = 16) -> None:
    source = sources.lfsr(maximal(width, "fibonacci_right"), np.arange(12) % 7 + 1)
    assert isinstance(source, sources.Cyclic)
    random = np.random.default_rng(width).integers(0, (1 << width) + 1, 7)
    thresholds = np.array([*THRESHOLDS, *random])
    for length in (*range(1, 201), 5000, 70_000):
        got = compiled.slices(source.cycle, source.period, source.phases, thresholds, length)
        assert np.array_equal(got, streams.encode(source, thresholds, length, "numpy"))


def check_walks(compiled: kernel.Kernel, width: int = 46, kind: Kind = "galois") -> None:
    generator = maximal(width, kind)
    random = np.random.default_rng(width)
    seeds = random.integers(1, generator.period, 12, endpoint=True)
    thresholds = np.array([*THRESHOLDS, *random.integers(0, 1 << width, 7)])
    numbers = generator.states(seeds, 9000)
    for length in (1, 20, 63, 64, 65, 128, 200, 4095, 4096, 4097, 4160, 9000):
        got = compiled.walks(generator, seeds, thresholds, length)
        assert np.array_equal(got, packing.pack(numbers[:, :length] < thresholds[:, np.newaxis]))


def test_overlaps(compiled: kernel.Kernel) -> None:
    check_overlaps(compiled)


@pytest.mark.parametrize("width", [3, 6, 7, 8, 9, 16, 17, 18])
def test_slices(compiled: kernel.Kernel, width: int) -> None:
    check_slices(compiled, width)


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("width", [4, 7, 23, 31, 32, 33, 46, 61, 62])
def test_walks(compiled: kernel.Kernel, width: int, kind: Kind) -> None:
    check_walks(compiled, width, kind)


@pytest.mark.parametrize(
    ("right", "wrong", "check"),
    [
        ("for (; i < rows_b; i++)", "for (; i + 1 < rows_b; i++)", check_overlaps),
        ("limit = threshold - 1", "limit = threshold", check_slices),
        ("limit < most ? limit : most", "limit", check_slices),
        ("~0ull >> (-length & 63)", "~0ull", check_slices),
        ("if (thresholds[k] <= 0)", "if (thresholds[k] < 0)", check_slices),
        ("place %= period", "place = 0", check_slices),
        ("thresholds[k] > 0 ?", "1 ?", check_walks),
        ("2 * scale * width <= t", "scale * width <= t", check_walks),
        ("state & 1 ? taps : 0", "taps", check_walks),
    ],
)
def test_control_a_broken_kernel_differs(
    right: str,
    wrong: str,
    check: Callable[[kernel.Kernel], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed: apt install g++")
    source = kernel.SOURCE.read_text()
    assert right in source
    broken = tmp_path / "kernel.cpp"
    broken.write_text(source.replace(right, wrong))
    monkeypatch.setattr(kernel, "SOURCE", broken)
    compiled = kernel.load.__wrapped__("native")
    with pytest.raises(AssertionError):
        check(compiled)


def test_what_is_used_can_be_asked_and_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel.VARIABLE, "numpy")
    assert kernel.in_use() == "numpy"
    monkeypatch.setenv(kernel.VARIABLE, "rust")
    with pytest.raises(BadInput, match="SPIKELOCK_KERNEL = 'rust': there are auto, c and numpy"):
        kernel.in_use()
    with pytest.raises(BadInput, match="there are auto, c and numpy"):
        kernel.chosen("fortran")  # type: ignore[arg-type]  # what a caller without types may give
    if shutil.which("g++"):
        monkeypatch.delenv(kernel.VARIABLE)
        assert kernel.in_use() == "c"
        assert isinstance(kernel.chosen("c"), kernel.Kernel)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The only folder of programs, empty; no kernel is loaded or in the cache."""
    monkeypatch.setattr(kernel, "load", kernel.load.__wrapped__)
    kernel.available.cache_clear()
    monkeypatch.setenv("SPIKELOCK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(kernel.VARIABLE, raising=False)
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    yield folder
    kernel.available.cache_clear()


def compiler_that(does: str, folder: Path) -> None:
    """A program g++ in the folder."""
    (folder / "g++").write_text(f"#!/bin/sh\n{does}\n")
    (folder / "g++").chmod(0o755)


def test_without_a_compiler_numpy_is_used(tools: Path) -> None:
    assert kernel.in_use() == "numpy"
    words = packing.pack(np.ones((2, 70), np.uint8))
    assert product.overlaps(words, words).tolist() == [[70, 70], [70, 70]]
    with pytest.raises(MissingTool, match=r"g\+\+ is not installed: .*SPIKELOCK_KERNEL=numpy"):
        kernel.chosen("c")


def test_a_compiler_that_fails_is_tried_once_and_numpy_is_used(tools: Path) -> None:
    tried = tools.parent / "tried"
    compiler_that(f"echo once >> {tried}; echo no such option >&2; exit 1", tools)
    assert [kernel.in_use() for _ in range(3)] == ["numpy"] * 3
    assert tried.read_text() == "once\n"
    with pytest.raises(SpikelockError, match=r"cannot be built; .*\ng\+\+ returned 1\nno such"):
        kernel.chosen("c")


def test_a_library_that_cannot_be_loaded_is_not_used(tools: Path) -> None:
    compiler_that(f'case "$*" in *{kernel.LIBRARY}) echo no library > {kernel.LIBRARY}; esac', tools)
    assert kernel.in_use() == "numpy"
    with pytest.raises(SpikelockError, match=r"the kernel cannot be loaded: .*; SPIKELOCK_KERNEL=numpy does"):
        kernel.chosen("c")
