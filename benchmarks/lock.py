"""python -m benchmarks.lock

Writes requirements.lock: every package that requirements-dev.txt needs, directly or not.
Each has its version and the hashes of its files, for Python 3.11 to 3.13 on all platforms. CI installs
exactly these on Linux x86-64 (.ci/run); people keep installing the direct pins. Asks uv's resolver, which
reads the package index.

tests/test_requirements.py compares the lock with the direct pins, without a network.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from digitcore.paths import REPOSITORY

LOCK = REPOSITORY / "requirements.lock"
WANTED = REPOSITORY / "requirements-dev.txt"
# What uv would choose and pip then refuses: uv overlooks that 1.3.1 is for Pythons before 3.11 only.
CONSTRAINTS = ("backports-strenum<1.3",)
HEADER = f"""\
# What {WANTED.name} brings, each file by its hash. Written by: python -m benchmarks.lock
# Installed by: python -m pip install --require-hashes -r {LOCK.name}
"""


def main() -> int:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        print("lock needs uv: python -m pip install -r requirements-dev.txt", file=sys.stderr)
        return 2
    command = [uv, "pip", "compile", str(WANTED), "--universal", "--python-version", "3.11", "--quiet"]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-config"]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("\n".join(CONSTRAINTS))
        command += ["--constraints", str(constraints)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return 1
    LOCK.write_text(HEADER + done.stdout, encoding="utf-8")
    print(f"{LOCK.name} holds {len(pinned())} packages.")
    return 0


def pinned(text: str | None = None) -> list[str]:
    """The requirements of the lock, without their hashes: "numpy==2.4.6", "colorama==0.4.6 ; …"."""
    text = LOCK.read_text(encoding="utf-8") if text is None else text
    lines = re.sub(r"\\\n", "", text).splitlines()
    return [line.partition(" --hash")[0].strip() for line in lines if line.strip() and line[0] != "#"]


if __name__ == "__main__":
    sys.exit(main())
