"""What benchmarks call a process's memory."""

import mmap
import os
import subprocess
import sys

import pytest

from benchmarks.support.process_memory import own_mb, resident_mb

MB = 32
MAP = """
import mmap, sys
with open(sys.argv[1], "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
    print(sum(mapped[::4096]), flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are described under /proc")
def test_who_else_maps_the_same_file_changes_a_share_and_not_the_resident_set(tmp_path):
    path = tmp_path / "library"
    path.write_bytes(bytes(MB * 2**20))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert sum(mapped[::4096]) == 0  # now it is in memory
        alone = own_mb(os.getpid()), resident_mb(os.getpid())
        with subprocess.Popen(
            [sys.executable, "-c", MAP, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            other.stdout.readline()
            shared = own_mb(os.getpid()), resident_mb(os.getpid())
            other.stdin.close()
    assert alone[0] - shared[0] > MB / 4
    assert abs(alone[1] - shared[1]) < MB / 4


def test_a_process_that_has_ended_has_no_memory():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert resident_mb(ended.pid) == own_mb(ended.pid) == 0
