"""python -m benchmarks.audit [--advisories FILE]

Are there known vulnerabilities in what requirements.lock installs?
Where there is a network, pip-audit asks about each package of the lock. Where there is none, FILE is a zip of
advisories in the OSV format (ossf.github.io/osv-schema), one JSON file each: osv.dev offers all of PyPI's as
one zip, to be brought here. The exit status is 1 where a vulnerability is known.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from benchmarks import lock


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--advisories", type=Path, metavar="FILE", help="a zip of OSV advisories")
    options = parser.parse_args()
    if options.advisories is None:
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock.LOCK)]
        return subprocess.run([*command, "--require-hashes", "--disable-pip"]).returncode
    locked = versions()
    holes = list(known(options.advisories, locked))
    for name, version, advisory in holes:
        print(f"{name} {version}: {advisory['id']} {advisory.get('summary', '')}")
    print(f"{len(holes)} known vulnerabilities in {len(locked)} packages.")
    return 1 if holes else 0


def versions() -> list[tuple[str, Version]]:
    """(package, version) of every package in the lock."""
    pins = map(Requirement, lock.pinned())
    return [(canonicalize_name(pin.name), Version(next(iter(pin.specifier)).version)) for pin in pins]


def known(file: Path, locked: Iterable[tuple[str, Version]]) -> Iterator[tuple[str, Version, dict[str, Any]]]:
    """(package, version, advisory) of each advisory that names a locked version and was not withdrawn."""
    wanted: dict[str, list[Version]] = {}
    for name, version in locked:
        wanted.setdefault(name, []).append(version)
    with zipfile.ZipFile(file) as archive:
        for entry in archive.namelist():
            advisory = json.loads(archive.read(entry))
            for affected in advisory.get("affected", []):
                name = canonicalize_name(affected.get("package", {}).get("name", ""))
                for version in [] if advisory.get("withdrawn") else wanted.get(name, []):
                    if is_affected(affected, version):
                        yield name, version, advisory


def is_affected(affected: dict[str, Any], version: Version) -> bool:
    """Whether a version is listed, or lies in a range from "introduced" up to "last_affected", or up to but
    not including "fixed"."""
    if str(version) in affected.get("versions", []):
        return True
    for listed in affected.get("ranges", []):
        inside = False
        for event in listed.get("events", []) if listed.get("type") == "ECOSYSTEM" else []:
            for kind, text in event.items():
                try:
                    bound = Version("0") if text == "0" else Version(text)
                except InvalidVersion:
                    continue
                if kind == "introduced" and version >= bound:
                    inside = True
                if (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
                    inside = False
        if inside:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
