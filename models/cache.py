"""The build cache: folders of finished build products, each addressed by a hash of everything that went into
it.

An entry is made in a temporary folder next to its final place, under a lock of its own, and renamed when it
is complete. A folder of the final name is therefore always whole: a build killed at any point leaves a
temporary folder behind, which the next build of the same entry removes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from spikelock.models.errors import BadInput

NOT_USABLE = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EEXIST,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
}
"""Operating system errors that mean the cache folder itself cannot be written."""

_seconds: dict[str, float] = defaultdict(float)
"""What `seconds_spent` gives; a build inside another counts for itself only."""


def cache_folder() -> Path:
    """Where build products are kept: $SPIKELOCK_CACHE, or the user's cache folder of the operating system."""
    return Path(os.environ.get("SPIKELOCK_CACHE") or user_cache_path("spikelock"))


def key_of(*parts: str | bytes) -> str:
    """One name for all the parts that decide a build product; it changes when any part does."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:40]


def cached(kind: str, key: str, build: Callable[[Path], None]) -> Path:
    """The folder of entry `key`; where it is not there yet, `build` fills it. Safe across processes.

    `build` is given an empty folder and leaves the products in it. It should run its tools with that folder
    as the
    working directory: the folder is renamed afterwards. What it raises passes through, and no entry is made.
    Raises BadInput where the cache folder cannot be written or is full.
    """
    entry = cache_folder().absolute() / kind / key
    if entry.is_dir():
        return entry
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(entry.with_name(f"{key}.lock")):
            if not entry.is_dir():
                _make(entry, build)
    except OSError as error:
        if error.errno not in NOT_USABLE:
            raise
        raise BadInput(
            f"the build cache {cache_folder()} cannot be written: {error.strerror}; free space there, "
            "or set SPIKELOCK_CACHE to a folder that can be written"
        ) from error
    return entry


def seconds_spent() -> Mapping[str, float]:
    """Seconds that this process has spent on making entries, by kind, up to now."""
    return dict(_seconds)


def _make(entry: Path, build: Callable[[Path], None]) -> None:
    for left_behind in entry.parent.glob(f"{entry.name}.partial-*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    partial = entry.with_name(f"{entry.name}.partial-{secrets.token_hex(4)}")
    partial.mkdir()
    started, inner = time.monotonic(), sum(_seconds.values())
    try:
        build(partial)
        partial.rename(entry)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        inner = sum(_seconds.values()) - inner
        _seconds[entry.parent.name] += time.monotonic() - started - inner
