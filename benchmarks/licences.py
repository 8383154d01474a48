"""python -m benchmarks.licences

Lists the licence of each package in requirements.lock that is installed here.
Licences are as the packages state them; those are named that do not simply allow an app to be distributed
under the MIT licence.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata

from packaging.requirements import Requirement

from benchmarks import lock

FREE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|MPL|HPND|Zlib|Unlicense|CC0)", re.I
)
# MPL: changes to its files must be published; nothing here changes them.


def main() -> int:
    found = licences()
    width = max(map(len, found))
    for name, licence in found.items():
        print(f"{name:{width}}  {licence}")
    doubtful = [name for name, licence in found.items() if not FREE.search(licence)]
    print(f"{len(found)} packages; to be looked at: {', '.join(doubtful) or 'none'}.")
    return 1 if doubtful else 0


def licences() -> dict[str, str]:
    """Package -> licence, for every package that is locked and installed here."""
    found = {}
    for line in lock.pinned():
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate():
            found[pin.name] = licence(pin.name)
    return found


def licence(name: str) -> str:
    """The licence by its SPDX expression, its classifiers, or the first line of its text; "" where none is
    stated."""
    about = metadata.metadata(name)
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier", [])
        if line.startswith("License ::") and line != "License :: OSI Approved"
    ]
    stated = (about.get("License") or "").strip().splitlines()
    return about.get("License-Expression") or ", ".join(classified) or (stated or [_named(name)])[0]


def _named(name: str) -> str:
    """The first line of the licence's own file that names a licence."""
    files = metadata.distribution(name).files or []
    texts = [
        file.read_text() for file in files if file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING"))
    ]
    lines = (line.strip() for text in texts for line in text.splitlines())
    return next((line for line in lines if FREE.search(line)), "")


if __name__ == "__main__":
    sys.exit(main())
