"""Make a file from a model to take home.

  python -m digitcore export digitnet --html
  python -m digitcore export my-run --html --precision int8 --output seven.html
  python -m digitcore export digitnet --onnx
  python -m digitcore export my-run --tflite-batch-1 --output one.tflite

--html makes one HTML file that reads drawings in any browser, on a phone too, without a server: open it, or
send it to a phone. It shows what each layer does with the drawing, and says how well it reads. It is written
to the current folder unless --output names another place. --onnx makes an ONNX file, which many programs
read; needs `python -m pip install -r requirements-onnx.txt`. --tflite-batch-1 makes a .tflite that takes
exactly one picture per call, as LiteRT.js in a browser needs it. These two are written next to the model's
other files unless --output names another place, and are compared with the network by the library that reads
them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from digitcore.commands.options import check_writable, open_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a model by name (see `models`), or a run's folder")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--html", action="store_true", help="one HTML file, which needs nothing else")
    kind.add_argument("--onnx", action="store_true", help="an ONNX file")
    kind.add_argument("--tflite-batch-1", action="store_true", help="a .tflite for one picture per call")
    parser.add_argument(
        "--precision",
        choices=("float32", "float16", "int8"),
        default="float16",
        help="precision of --html's weights: 4, 2 or 1 bytes each (default: float16)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="another place for the file")


def run(options: argparse.Namespace) -> int:
    from digitcore.evaluation import receipts

    card = open_model(options.model).card
    if options.html:
        return _html(options, card)
    if options.output:
        check_writable(options.output)
    from digitcore.training import further_files  # loads TensorFlow, so only once the model is found

    kind = further_files.ONNX if options.onnx else further_files.BATCH_1
    path, receipt = further_files.make(kind, options.model, card, options.output)
    print(receipts.line(str(path), receipt))
    return 0


def _html(options: argparse.Namespace, card: dict[str, Any]) -> int:
    from digitcore.browser import one_file, weights
    from digitcore.evaluation import published

    path = options.output or Path(f"{card['name']}.html")
    check_writable(path)
    packed = weights.of_model(options.model, options.precision)
    found = published.counted_in_a_browser(one_file.fingerprint(packed))
    path.write_text(one_file.page(packed, options.precision, card, found), encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 1000:,.0f} kB")
    for line in one_file.receipt(options.precision, card, found):
        print(line)
    return 0
