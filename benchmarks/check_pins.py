"""python -m benchmarks.check_pins [--quick]

Do the pins resolve on every platform and Python that the README names?
The pins of requirements.txt and of its companions for a cluster and the HTTP API must resolve together, from
wheels alone. Asks uv's resolver (it is in requirements-dev.txt), which reads the package index; installs
nothing. Platforms that lack a wheel of some pinned package are checked too, so that the README's "not here"
is tested as well.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.support import record
from digitcore import paths

ROOT = paths.REPOSITORY
# Each companion includes requirements.txt.
COMPANIONS = ("cluster", "api")  # the one for ONNX needs macOS 14
REQUIREMENTS = [ROOT / "requirements.txt", *(ROOT / f"requirements-{name}.txt" for name in COMPANIONS)]
PYTHONS = ("3.11", "3.12", "3.13")
# 2.31 is the C library of Debian 11, which Community Cloud runs on.
SUPPORTED = {
    "Linux x86-64": "x86_64-manylinux_2_31",
    "Linux aarch64": "aarch64-manylinux_2_31",
    "macOS arm64": "aarch64-apple-darwin",
    "Windows x86-64": "x86_64-pc-windows-msvc",
}
UNSUPPORTED = {"macOS x86-64": "x86_64-apple-darwin", "Windows arm64": "aarch64-pc-windows-msvc"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one Python only; only prints")
    quick = parser.parse_args().quick
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        print("check_pins needs uv: python -m pip install -r requirements-dev.txt", file=sys.stderr)
        return 2
    rows = []
    with tempfile.TemporaryDirectory() as cache:  # empty: packages cached on this machine must not count
        for platform, triple in {**SUPPORTED, **UNSUPPORTED}.items():
            for python in PYTHONS[:1] if quick else PYTHONS:
                row = {"platform": platform, "python": python, "supported": platform in SUPPORTED}
                rows.append(row | resolve(uv, triple, python, cache))
                print(_line(rows[-1]), flush=True)
    wrong = [row for row in rows if row["supported"] != row["resolves"]]
    if not quick:
        figures = {"pins_sha256": pins_sha256(), "rows": rows}
        record.write("pins", "python -m benchmarks.check_pins", figures)
    print("As the README says." if not wrong else f"{len(wrong)} rows are not as the README says.")
    return 1 if wrong else 0


def pins_sha256() -> str:
    """The hash of the files without their comments: whether the pins are still those that were checked."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in REQUIREMENTS)
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return hashlib.sha256("\n".join(filter(None, lines)).encode()).hexdigest()


def resolve(uv: str, triple: str, python: str, cache: str) -> dict[str, object]:
    """Whether the pins resolve from wheels: {"resolves", "packages", "tensorflow", "problem"}."""
    command = [uv, "pip", "compile", *map(str, REQUIREMENTS), "--no-header", "--no-annotate", "--quiet"]
    command += ["--python-platform", triple, "--python-version", python, "--only-binary", ":all:"]
    command += ["--no-config", "--cache-dir", cache]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    tensorflow = next((line.split("==")[0] for line in lines if line.startswith("tensorflow")), None)
    missing = sorted(set(re.findall(r"Wheels are required for `([^`]+)`", done.stderr)))
    resolves = done.returncode == 0
    problem = None
    if not resolves:
        problem = f"no wheel of {', '.join(missing)}" if missing else done.stderr.strip().splitlines()[-1]
    return {
        "resolves": resolves,
        "packages": len(lines) if resolves else None,
        "tensorflow": tensorflow,
        "problem": problem,
    }


def _line(row: dict[str, object]) -> str:
    found = f"{row['packages']} packages, {row['tensorflow']}" if row["resolves"] else f"no: {row['problem']}"
    return f"{row['platform']:15} Python {row['python']}  {found}"


if __name__ == "__main__":
    sys.exit(main())
