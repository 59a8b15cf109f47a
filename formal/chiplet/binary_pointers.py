"""An asynchronous FIFO whose pointers cross as binary numbers: what the proof of the Gray code catches."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from amaranth.lib import fifo


class AsyncFIFO(fifo.AsyncFIFO):
    """Amaranth's, without its Gray code."""

    def elaborate(self, platform: Any) -> Any:
        with patch.multiple(fifo, _gray_encode=lambda value: value, _gray_decode=lambda value: value):
            return super().elaborate(platform)
