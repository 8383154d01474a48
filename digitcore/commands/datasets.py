"""List the data sets, or fetch one that does not ship with the app.

python -m digitcore datasets
python -m digitcore datasets fetch fashion-mnist
"""

from __future__ import annotations

import argparse

from tqdm import tqdm

from digitcore import datasets


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    fetch = actions.add_parser("fetch", help="download a data set, checked by its hash")
    fetch.add_argument("name", choices=datasets.names())


def run(options: argparse.Namespace) -> int:
    if options.action == "fetch":
        with tqdm(unit="B", unit_scale=True, desc=options.name) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            datasets.fetch(options.name, progress=progress)
        print(f"{options.name} is ready.")
        return 0
    for name in datasets.names():
        info = datasets.describe(name)
        state = "ready" if datasets.is_available(name) else f"fetch it: datasets fetch {name}"
        print(f"{name:14} {len(info.class_names)} classes: {', '.join(info.class_names)}  ({state})")
    return 0
