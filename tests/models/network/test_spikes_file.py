"""Input files: what is written comes back, and one clear message for each thing that can be wrong."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.models.network.spikes_file import read_spikes, write_spikes

SPIKES = np.random.default_rng(1).random((4, 6, 5)) < 0.3


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    labels = np.array([3, 1, 0, 2])
    write_spikes(tmp_path / "x.npz", SPIKES, labels)
    spikes, read = read_spikes(tmp_path / "x.npz", 5)
    assert spikes.dtype == np.bool_
    np.testing.assert_array_equal(spikes, SPIKES)
    np.testing.assert_array_equal(read, labels)
    write_spikes(tmp_path / "y.npz", SPIKES, labels)
    assert (tmp_path / "y.npz").read_bytes() == (tmp_path / "x.npz").read_bytes()
    write_spikes(tmp_path / "x.npz", SPIKES)
    assert read_spikes(tmp_path / "x.npz", 5)[1] is None


@pytest.mark.parametrize("dtype", ["bool", "u1", "i2", ">i4", "u8"])
def test_any_integers(tmp_path: Path, dtype: str) -> None:
    np.savez(tmp_path / "x.npz", spikes=SPIKES.astype(dtype))
    np.testing.assert_array_equal(read_spikes(tmp_path / "x.npz", 5)[0], SPIKES)


def refused(path: Path, *words: str) -> None:
    with pytest.raises(BadInput) as error:
        read_spikes(path, 5)
    message = str(error.value)
    assert error.value.exit_code == 2
    assert message.isprintable()
    for word in (path.name, *words):
        assert word in message


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"spikes": SPIKES[:, :, :4]}, ("(4, 6, 4)", "(samples, ticks, 5)")),
        ({"spikes": SPIKES[0]}, ("(6, 5)", "(samples, ticks, 5)")),
        ({"spikes": SPIKES[:0]}, ("(0, 6, 5)", "nothing to run")),
        ({"spikes": SPIKES[:, :0]}, ("(4, 0, 5)", "nothing to run")),
        ({"spikes": SPIKES.astype(np.float32)}, ("float32", "(spikes > 0)")),
        ({"spikes": SPIKES.astype("S1")}, ("dtype |S1",)),
        ({"spikes": SPIKES * 2}, ("value 2", "0 and 1")),
        ({"spikes": -SPIKES.astype(np.int8)}, ("value -1", "0 and 1")),
        ({"images": SPIKES}, ("no array 'spikes'", "images")),
        ({"spikes": SPIKES.astype(object)}, ("Python objects",)),
        ({"spikes": SPIKES, "labels": np.arange(3)}, ("labels", "(3,)", "(4,)")),
        ({"spikes": SPIKES, "labels": np.ones(4)}, ("labels", "float64")),
    ],
)
def test_bad_arrays(tmp_path: Path, arrays: dict[str, Any], words: tuple[str, ...]) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    refused(tmp_path / "x.npz", *words)


def test_missing_and_foreign(tmp_path: Path) -> None:
    refused(tmp_path / "no.npz", "no such file")
    refused(tmp_path, "no such file")
    for content in (b"", b"spikes", bytes(5000)):
        (tmp_path / "x.npz").write_bytes(content)
        refused(tmp_path / "x.npz", "not an npz archive")
    np.save(tmp_path / "y.npy", SPIKES)
    refused(tmp_path / "y.npy", "not an npz archive")
    with zipfile.ZipFile(tmp_path / "z.npz", "w") as archive:
        archive.writestr("spikes.npy", b"text")
    refused(tmp_path / "z.npz", "truncated or damaged")


def test_truncated_and_damaged(tmp_path: Path) -> None:
    write_spikes(tmp_path / "x.npz", SPIKES)
    whole = (tmp_path / "x.npz").read_bytes()
    for length in range(0, len(whole), 9):
        (tmp_path / "x.npz").write_bytes(whole[:length])
        refused(tmp_path / "x.npz")
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x55
        (tmp_path / "x.npz").write_bytes(damaged)
        try:
            np.testing.assert_array_equal(
                read_spikes(tmp_path / "x.npz", 5)[0], SPIKES
            )  # a date, an attribute
        except BadInput:
            continue


def test_an_array_too_large_to_read(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|b1", "fortran_order": False, "shape": (1 << 30, 1 << 20, 5)}
    )
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("spikes.npy", header.getvalue())
    refused(tmp_path / "x.npz", "claims 5629499534213120 values")
