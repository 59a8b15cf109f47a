"""A spike raster as text: time runs to the right, addresses downwards, a dot is a spike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# A braille character has 4 rows and 2 columns of dots; these are their bits (Unicode block U+2800).
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


def braille(raster: NDArray[Any]) -> list[str]:
    """Lines of braille, 4 addresses a line and 2 ticks a character. Shape of raster: (ticks, addresses)."""
    ticks, addresses = raster.shape
    padded = np.zeros((-(-addresses // 4) * 4, -(-ticks // 2) * 2), np.int64)
    padded[:addresses, :ticks] = raster.T
    cells = padded.reshape(padded.shape[0] // 4, 4, padded.shape[1] // 2, 2)
    codes = 0x2800 + np.einsum("racb,ab->rc", cells, DOTS)
    return ["".join(map(chr, row)) for row in codes]


def picture(raster: NDArray[Any], names: list[tuple[str, int]], samples: list[int]) -> list[str]:
    """Some samples side by side, one block of lines for each named range of addresses.

    raster: (samples, ticks, addresses). names: (name, number of addresses), in address order.
    """
    width = max(len(name) for name, _ in names)
    columns = [f"sample {sample}" for sample in samples]
    cell = max(-(-raster.shape[1] // 2), *(len(c) for c in columns))
    lines = [" " * (width + 2) + "  ".join(c.ljust(cell) for c in columns)]
    first = 0
    for name, count in names:
        blocks = [braille(raster[sample, :, first : first + count]) for sample in samples]
        for number, row in enumerate(zip(*blocks, strict=True)):
            label = name if number == 0 else ""
            lines.append(f"{label:>{width}}  " + "  ".join(part.ljust(cell) for part in row))
        first += count
    return [line.rstrip() for line in lines]
