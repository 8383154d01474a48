"""What a process of ours does with the memory it frees, and what it keeps from loading."""

import ctypes
import subprocess
import sys

import pytest

from digitcore import process

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


def test_a_package_seems_not_to_be_installed_only_meanwhile(tmp_path, monkeypatch):
    for name in ("package_that_is_loaded", "package_that_is_not"):
        tmp_path.joinpath(f"{name}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    __import__("package_that_is_loaded")
    with process.without("package_that_is_loaded", "package_that_is_not"):
        __import__("package_that_is_loaded")
        with pytest.raises(ImportError):
            __import__("package_that_is_not")
    __import__("package_that_is_not")
    for name in ("package_that_is_loaded", "package_that_is_not"):
        del sys.modules[name]


TRAINER = """
import sys
from digitcore import process
with process.without("pandas", "scipy", "sklearn"):
    from digitcore.training import fit
print(*[name for name in ("pandas", "scipy", "sklearn") if name in sys.modules])
import pandas
"""


def test_a_trainer_loads_keras_without_what_keras_only_recognises():
    shown = subprocess.run([sys.executable, "-c", TRAINER], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == ""
