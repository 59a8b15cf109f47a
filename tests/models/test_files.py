"""Files are whole or not there."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

import pytest

from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole


def test_written(tmp_path: Path) -> None:
    with written_whole(tmp_path / "x") as file:
        file.write(b"new")
        assert not (tmp_path / "x").exists()
    assert (tmp_path / "x").read_bytes() == b"new"
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError()])
def test_interrupted(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with contextlib.suppress(type(error)), written_whole(tmp_path / "x") as file:
        file.write(b"half")
        raise error
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(BadInput, match=r"cannot write .*x: No space left on device; .* works"),
        written_whole(tmp_path / "x") as file,
    ):
        file.write(b"new")
    assert list(tmp_path.iterdir()) == []


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file or directory"), written_whole(tmp_path / "no" / "x"):
        pass
