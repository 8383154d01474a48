"""Read the digit in each picture: PNG, JPEG, WebP, BMP or GIF files, or folders or zips of them.

  python -m digitcore predict digits/*.png                a table
  python -m digitcore predict scans/ --csv > answers.csv  every picture below a folder, for a spreadsheet
  python -m digitcore predict scans.zip                   every file of a zip
  python -m digitcore predict seven.jpg --json            one JSON object per line, for a program
  python -m digitcore predict digits/*.png --figure figure.png
  python -m digitcore predict scans/ --csv --scheduler tcp://host:8786 > answers.csv

A file that cannot be read becomes a row that says why, and the others are still read. An answer below the
model's threshold is unsure: "7?" in the table, "?" as the text of --json, "no" as accepted in --csv. All
cores of this machine are used, unless --jobs says how many; the rows keep their order. With --scheduler the
workers of a Dask cluster read instead; they are sent the files, so they need no shared disk.
Exit code: 0 all were read, 1 some were not, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import contextlib
import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from digitcore.commands import answer_lines
from digitcore.commands.options import add_model, check_writable, open_model
from digitcore.errors import ImageError

if TYPE_CHECKING:
    from digitcore.networks.classifier import Classifier
    from digitcore.reading.batch import Row

IN_FOLDERS = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".gif"),
    *(".heic", ".heif", ".avif", ".tif", ".tiff"),
)
"""File endings that are read from a folder, including pictures that will be refused; a folder of scans also
holds notes and tables, which nobody asked to have read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from digitcore.preprocessing.polarity import POLARITIES

    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURE", help="a picture file, or a folder or zip of them"
    )
    add_model(parser)
    output = parser.add_mutually_exclusive_group()
    output.add_argument(
        "--json", action="store_true", help="print one JSON object per line instead of a table"
    )
    output.add_argument("--csv", action="store_true", help="print CSV instead of a table")
    parser.add_argument(
        "--figure", type=_png, metavar="OUT.png", help="also draw each picture next to its probabilities"
    )
    parser.add_argument(
        "--polarity",
        choices=POLARITIES,
        default="auto",
        help="ink and ground; auto (default) tells them apart for each picture",
    )
    parser.add_argument(
        "--jobs", type=_jobs, metavar="N", help="processes that read at once (default: one for each core)"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="read on the workers of this Dask scheduler: tcp://host:8786"
    )


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def _png(text: str) -> Path:
    if not text.lower().endswith(".png"):
        raise argparse.ArgumentTypeError(f"expected a file name that ends in .png, got {text!r}")
    return Path(text)


def run(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    classifier = open_model(options.model)
    figure = None
    if options.figure:
        from digitcore.reading import figure

        check_writable(options.figure)
    found: Iterable[_Found] = _found(options.pictures)
    if not options.scheduler or not (options.json or options.csv):
        found = list(found)  # for the bar's total and the table's width
    total = len(found) if isinstance(found, list) else None
    lines = answer_lines.Json if options.json else answer_lines.Csv if options.csv else answer_lines.Table
    printer = lines([each.name for each in found] if isinstance(found, list) else [], classifier)
    tqdm.monitor_interval = 0  # its thread would forbid copies of this process, which read faster
    drawn: list[Row] = []
    read = unread = 0
    with (
        tqdm(total=total, unit=" pictures", disable=None, leave=False) as bar,
        _reader(options, classifier) as read_pictures,
    ):

        def show(line: str) -> None:
            if bar.disable:
                print(line)
            else:
                tqdm.write(line, file=sys.stdout)  # moves the bar out of the way if both are on one screen

        for line in printer.header():
            show(line)
        for row in read_pictures(_items(found), lambda done, name: bar.update()):
            show(printer.line(row))
            read += 1
            unread += row.error is not None
            if figure and len(drawn) < figure.MOST:
                drawn.append(row)
    if figure:
        options.figure.write_bytes(figure.png(drawn, classifier.class_names))
        if read > len(drawn):
            print(f"The figure shows the first {len(drawn)} of {read:,} pictures.", file=sys.stderr)
    if unread:
        print(f"{unread:,} of {read:,} pictures could not be read.", file=sys.stderr)
    return 1 if unread else 0


@contextlib.contextmanager
def _reader(options: argparse.Namespace, classifier: Classifier) -> Iterator[Callable[..., Iterator[Row]]]:
    """The reader, (items, progress) -> rows: this machine, or the workers of a cluster."""
    from digitcore.networks import model_store

    side = None
    if options.figure:
        from digitcore.reading import figure

        side = figure.PICTURE_SIDE
    path = model_store.files(options.model)["model.tflite"]
    if not options.scheduler:
        import cv2

        from digitcore.reading import processes

        cv2.setNumThreads(1)  # the cores are busy with pictures, and a process without threads can be copied
        yield lambda items, told: processes.read_pictures(
            items, classifier, path, told, options.polarity, side, options.jobs
        )
        return
    from digitcore.cluster import reading as cluster_reading

    model = path.read_bytes(), classifier.card
    with cluster_reading.connected(options.scheduler) as client:
        yield lambda items, told: cluster_reading.read_pictures(
            items, model, client, told, options.polarity, side
        )


@dataclass(frozen=True)
class _Found:
    """A picture to read. content: gives its bytes, once."""

    name: str
    content: Callable[[], bytes | ImageError]


def _found(pictures: Iterable[str]) -> Iterator[_Found]:
    """The files in the order given, with a folder's pictures in the order of their paths and a zip's in the
    order of the zip; a folder without any becomes a row. Windows' shells leave "*.png" to the program."""
    from digitcore import files
    from digitcore.preprocessing import archives

    for picture in chain.from_iterable(map(_expanded, pictures)):
        if archives.is_zip(picture) and os.path.isfile(picture):
            yield from _of_zip(picture)
            continue
        # os.path, not Path: what cannot even be looked up (a name too long) is a row like any other.
        found = files.each_in(Path(picture)) if os.path.isdir(picture) else iter(())
        found = (str(path) for path in found if path.name.lower().endswith(IN_FOLDERS))
        first = next(found, picture)
        for name in chain([first], found):
            yield _Found(name, partial(_of_disk, name))


def _of_disk(name: str) -> bytes | ImageError:
    from digitcore.evaluation.labelled import read_file

    try:
        return read_file(Path(name))
    except ImageError as error:
        return error


def _of_zip(path: str) -> Iterator[_Found]:
    """A zip's files; the zip itself where it cannot be opened."""
    from digitcore.preprocessing import archives

    try:
        with open(path, "rb") as file:
            archive = archives.Archive(file.read(archives.MAX_TOTAL_BYTES))
    except (ImageError, OSError) as error:
        problem = error if isinstance(error, ImageError) else ImageError(f"{error.strerror or error}.")
        yield _Found(path, lambda: problem)
        return
    contents = iter(archive)  # read in their order, each when its turn comes
    for name in archive.names:
        yield _Found(f"{path}/{name}", lambda: next(contents)[1])


def _expanded(picture: str) -> list[str]:
    """The paths that match a pattern, in order; an existing path, or a pattern without matches, is kept as it
    is."""
    if os.path.lexists(picture) or not glob.has_magic(picture):
        return [picture]
    return sorted(glob.glob(picture, recursive=True)) or [picture]


def _items(found: Iterable[_Found]) -> Iterator[tuple[str, bytes | ImageError]]:
    for each in found:
        yield each.name, each.content()
