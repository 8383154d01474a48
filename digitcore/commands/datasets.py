"""List the data sets, or fetch one that does not come with the app.

  python -m digitcore datasets
  python -m digitcore datasets fetch fashion-mnist

MNIST comes with the app. What is fetched is checked by its SHA-256 and kept in data/.
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from digitcore import datasets

    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    fetch = actions.add_parser("fetch", help="download a data set, checked by its SHA-256")
    fetch.add_argument("name", choices=datasets.names(), metavar="NAME", help=", ".join(datasets.names()))


def run(options: argparse.Namespace) -> int:
    from digitcore import datasets

    if options.action == "fetch":
        folder = _fetch(options.name)
        print(f"{options.name} is ready, in {folder}.")
        return 0
    for name in datasets.names():
        info = datasets.describe(name)
        ready = datasets.is_available(name)
        print(f"{name:14} {'ready' if ready else f'not here yet: python -m digitcore datasets fetch {name}'}")
        print(f"{'':14} {len(info.class_names)} classes: {', '.join(info.class_names)}")
        print(f"{'':14} {info.source}")
        print(f"{'':14} licence: {info.licence}")
    return 0


def _fetch(name: str):
    from tqdm import tqdm

    from digitcore import datasets

    with tqdm(unit="B", unit_scale=True, desc=name, disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return datasets.fetch(name, progress=progress)
