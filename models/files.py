"""Files that are whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from spikelock.models.errors import BadInput


@contextmanager
def written_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of `path` when the block ends well; otherwise nothing is left
    behind.

    It is written under another name in the same folder and renamed, so a full disk or Ctrl-C cannot leave
    half a file, nor destroy an older one. Raises BadInput where the folder is missing, read-only or full.
    """
    path = Path(path)
    name = None
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            name = file.name
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
        name = None
    except OSError as error:
        raise BadInput(
            f"cannot write {path}: {error.strerror or error}; a file in an existing folder with free space "
            "works"
        ) from error
    finally:
        if name:
            with suppress(OSError):
                os.unlink(name)


def _umask() -> int:
    """Temporary files are private; others should get the permissions any new file has."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
