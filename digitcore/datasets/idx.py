"""The idx format, in which MNIST and its relatives are published.

Four bytes (0, 0, element type, number of dimensions), then each dimension as a big-endian 32-bit integer,
then the elements, last dimension fastest (http://yann.lecun.com/exdb/mnist/, "the IDX file format").
"""

import math
import struct
from collections.abc import Callable

import numpy as np

from digitcore.errors import DatasetError

UINT8 = 0x08


def header_size(shape: tuple[int, ...]) -> int:
    """Return the number of bytes before the first element."""
    return 4 + 4 * len(shape)


def file_size(shape: tuple[int, ...]) -> int:
    """Return the number of bytes of a whole idx file of uint8 elements."""
    return header_size(shape) + math.prod(shape)


def read_shape(read: Callable[[int], bytes]) -> tuple[int, ...]:
    """Read the header through `read(n)` and return the shape; DatasetError unless it is uint8 idx."""
    start = read(4)
    if len(start) != 4 or start[:3] != bytes([0, 0, UINT8]):
        raise DatasetError(f"expected an idx file of bytes (00 00 08 …), but it starts with {start.hex(' ')}")
    sizes = read(4 * start[3])
    if len(sizes) != 4 * start[3]:
        raise DatasetError("it ends inside its header")
    return struct.unpack(f">{start[3]}I", sizes)


def pack(array: np.ndarray) -> bytes:
    """Return the idx file of a uint8 array."""
    if array.dtype != np.uint8:
        raise DatasetError(f"Only uint8 arrays are written as idx, this one is {array.dtype}.")
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, UINT8, array.ndim, *array.shape) + array.tobytes()
