"""G.711 with numpy: the tables are computed from the recommendation, the encoder takes the nearest value."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


@lru_cache(maxsize=None)
def table(codec: str) -> Samples:
    """The 256 linear values of `pcmu` or `pcma`."""
    out = []
    for byte in range(256):
        if codec == "pcmu":
            value = ~byte & 0xFF
            size = ((((value & 0x0F) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84
            out.append(-size if value & 0x80 else size)
        else:
            value = byte ^ 0x55
            size, segment = (value & 0x0F) << 4, (value & 0x70) >> 4
            size = size + 8 if segment == 0 else (size + 0x108) << (segment - 1)
            out.append(size if value & 0x80 else -size)
    return np.array(out, dtype=np.int16)


@lru_cache(maxsize=None)
def _nearest(codec: str) -> NDArray[np.uint8]:
    values = table(codec).astype(np.int32)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    every = np.arange(-32768, 32768)
    right = np.clip(np.searchsorted(ordered, every), 1, 255)
    left = right - 1
    closer = np.where(every - ordered[left] <= ordered[right] - every, left, right)
    return order[closer].astype(np.uint8)


def encode(codec: str, samples: Samples) -> bytes:
    """Linear samples to bytes."""
    return bytes(_nearest(codec)[samples.astype(np.int32) + 32768])


def decode(codec: str, data: bytes) -> Samples:
    """Bytes to linear samples."""
    return table(codec)[np.frombuffer(data, dtype=np.uint8)]
