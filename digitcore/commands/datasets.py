"""List the data sets, fetch one that does not come with the app, or add one of your own.

  python -m digitcore datasets
  python -m digitcore datasets fetch fashion-mnist
  python -m digitcore datasets add letters my-letters/            a folder for each class, pictures in them
  python -m digitcore datasets add letters my-letters.zip         the same in a zip
  python -m digitcore datasets add kaggle train.csv               a label and 784 pixels in each row
  python -m digitcore datasets add emnist images-idx3-ubyte.gz labels-idx1-ubyte.gz --classes A,B,C
  python -m digitcore datasets remove letters

MNIST comes with the app. What is fetched is checked by its SHA-256 and kept in data/, and so is what is
added: 2 to 20 classes of at least 10 pictures each, prepared as all pictures here are, of which a tenth
validates and a tenth is the test. `train --dataset letters` then learns from it.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from digitcore import datasets

    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    fetch = actions.add_parser("fetch", help="download a data set, checked by its SHA-256")
    known = datasets.published()
    fetch.add_argument("name", choices=known, metavar="NAME", help=", ".join(known))
    add = actions.add_parser("add", help="make a data set of your own pictures")
    add.add_argument("name", metavar="NAME", help="small letters, digits and hyphens")
    add.add_argument("places", metavar="FOLDER|ZIP|CSV|IDX", nargs="+", type=Path, help="the pictures")
    add.add_argument("--title", default="", metavar="TEXT", help="its name on the pages (default: NAME)")
    add.add_argument(
        "--classes",
        metavar="A,B,…",
        help="names of the classes in the order of their labels, where those are numbers",
    )
    add.add_argument("--seed", type=int, default=0, metavar="N", help="of the split into three parts (0)")
    remove = actions.add_parser("remove", help="delete a data set that was added")
    remove.add_argument("name", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    if options.action == "fetch":
        folder = _fetch(options.name)
        print(f"{options.name} is ready, in {folder}.")
    elif options.action == "add":
        _add(options)
    elif options.action == "remove":
        from digitcore.datasets import own

        own.remove(options.name)
        print(f"{options.name} is deleted.")
    else:
        _list()
    return 0


def _list() -> None:
    from digitcore import datasets

    for name in datasets.names():
        info = datasets.describe(name)
        ready = datasets.is_available(name)
        print(f"{name:14} {'ready' if ready else f'not here yet: python -m digitcore datasets fetch {name}'}")
        print(f"{'':14} {len(info.class_names)} classes: {', '.join(info.class_names)}")
        print(f"{'':14} {info.source}")
        print(f"{'':14} licence: {info.licence}")


def _add(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from digitcore import datasets
    from digitcore.datasets import own
    from digitcore.datasets.collecting import building

    own.check_new(options.name)
    names = [name.strip() for name in options.classes.split(",")] if options.classes else ()
    with tqdm(desc=options.name, unit=" pictures", disable=None, leave=False) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        built = building.build(options.places, options.seed, names, progress)
    source = ", ".join(place.resolve().name for place in options.places)
    title = own.clean_title(options.title) or options.name
    building.keep(built, own.place_for(options.name), title, source)
    info = datasets.describe(options.name)
    for name, count in zip(built.class_names, built.counts, strict=True):
        print(f"{name:>24}  {count:,} pictures")
    if built.duplicates:
        print(f"{built.duplicates:,} pictures came more than once and count once.")
    print(
        f"{options.name} is ready: {info.n_train:,} pictures to learn from, {info.n_validation:,} that "
        "validate, "
        f"{info.n_test:,} for the test (seed {built.seed})."
    )


def _fetch(name: str) -> Path:
    from tqdm import tqdm

    from digitcore import datasets

    with tqdm(unit="B", unit_scale=True, desc=name, disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return datasets.fetch(name, progress=progress)
