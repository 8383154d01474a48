"""What a server's process does with the memory it frees."""

import ctypes
import subprocess
import sys

import pytest

BLOCKS = """
import ctypes
from digitcore import process

class Info(ctypes.Structure):  # mallinfo(3)
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd",
        "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    )]

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
libc.mallinfo2.restype = Info
process.share_arenas()
for megabytes in (8, 4):
    before = libc.mallinfo2().hblks
    block = libc.malloc(megabytes * 2**20)
    print(libc.mallinfo2().hblks - before)
    libc.free(block)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="as glibc 2.33 counts it"
)
def test_a_large_block_is_no_part_of_a_heap_also_after_a_larger_one_was_freed():
    shown = subprocess.run([sys.executable, "-c", BLOCKS], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["1", "1"]
