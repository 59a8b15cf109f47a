"""Input spikes in a file: a NumPy archive (.npz) that any Python can write.

    np.savez_compressed("input.npz", spikes=spikes, labels=labels)

`spikes`: bool, or integers 0 and 1; shape (samples, ticks, inputs). `labels`, optional: integers, shape
(samples,).
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole

MOST_SPIKES = 1 << 32
"""Samples × ticks × inputs: 4 GiB. A few bytes of a compressed file can claim far more than fits in
memory."""


def read_spikes(path: str | Path, inputs: int) -> tuple[NDArray[np.bool_], NDArray[np.int64] | None]:
    """Spikes of shape (samples, ticks, inputs), and the labels if there are any.

    Raises BadInput for a file that is missing, truncated or not an npz archive; for a missing array, another
    dtype or shape, values other than 0 and 1, and zero samples or ticks.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: no such file; np.savez_compressed('input.npz', spikes=…) makes one")
    if not zipfile.is_zipfile(path):
        raise BadInput(
            f"{path} is not an npz archive, or its end is missing; np.savez_compressed('input.npz', "
            "spikes=…) makes one"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                n: _array(path, archive, n) for n in ("spikes", "labels") if f"{n}.npy" in archive.namelist()
            }
            names = [name.removesuffix(".npy") for name in archive.namelist()]
    except BadInput:
        raise
    except (OSError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"{path} is truncated or damaged: {error}; make it again") from error
    if "spikes" not in arrays:
        raise BadInput(f"{path} has no array 'spikes'; it has: {', '.join(names) or 'none'}")
    spikes = _spikes(path, arrays["spikes"], inputs)
    return spikes, _labels(path, arrays["labels"], len(spikes)) if "labels" in arrays else None


def write_spikes(
    path: str | Path, spikes: NDArray[np.bool_], labels: NDArray[np.int64] | None = None
) -> None:
    """Writes such a file, whole or not at all. The same arrays give the same bytes."""
    arrays = {"spikes": spikes.astype(np.uint8)} | (
        {} if labels is None else {"labels": labels.astype(np.int64)}
    )
    with written_whole(path) as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def _array(path: Path, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """One array, its size read before its content."""
    with archive.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        read_header = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read_header(member)
    if dtype.hasobject:
        raise BadInput(f"{path}: {name} holds Python objects; an array of integers or bool is needed")
    if (size := int(np.prod(shape, dtype=object))) * dtype.itemsize > MOST_SPIKES:
        raise BadInput(
            f"{path}: {name} claims {size} values of {dtype}; at most {MOST_SPIKES} bytes can be read"
        )
    with archive.open(f"{name}.npy") as member:
        return np.asarray(np.lib.format.read_array(member, allow_pickle=False))


def _spikes(path: Path, array: NDArray[Any], inputs: int) -> NDArray[np.bool_]:
    rule = f"(samples, ticks, {inputs}) of bool, or of integers 0 and 1, is needed"
    if array.dtype.kind not in "bui":
        raise BadInput(f"{path}: spikes have dtype {array.dtype}; {rule}: use (spikes > 0)")
    if array.ndim != 3 or array.shape[2] != inputs:
        raise BadInput(f"{path}: spikes have shape {array.shape}; {rule}")
    if 0 in array.shape:
        raise BadInput(f"{path}: spikes have shape {array.shape}, which is nothing to run; {rule}")
    if array.dtype.kind != "b" and (array.min() < 0 or array.max() > 1):
        worst = array.max() if array.max() > 1 else array.min()
        raise BadInput(f"{path}: spikes hold the value {worst}; {rule}")
    return array.astype(np.bool_)


def _labels(path: Path, array: NDArray[Any], samples: int) -> NDArray[np.int64]:
    if array.dtype.kind not in "ui" or array.shape != (samples,):
        raise BadInput(
            f"{path}: labels have dtype {array.dtype} and shape {array.shape}; integers of shape "
            f"({samples},) are needed"
        )
    return array.astype(np.int64)
