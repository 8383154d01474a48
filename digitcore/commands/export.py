"""Make a file of a model to take home.

  python -m digitcore export digitnet --onnx
  python -m digitcore export my-run --tflite-batch-1 --output one.tflite

--onnx makes an ONNX file, which many programs read; needs `python -m pip install -r requirements-onnx.txt`.
--tflite-batch-1 makes a .tflite that takes exactly one picture a call, as LiteRT.js in a browser wants it.
Both lie beside the model's other files unless --output names another place, and are compared with the network
by the library that reads them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from digitcore.commands.options import check_writable, open_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a model by name (see `models`), or a run's folder")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--onnx", action="store_true", help="an ONNX file")
    kind.add_argument("--tflite-batch-1", action="store_true", help="a .tflite for one picture a call")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: beside the model's other files")


def run(options: argparse.Namespace) -> int:
    from digitcore.evaluation import receipts

    card = open_model(options.model).card
    if options.output:
        check_writable(options.output)
    from digitcore.training import further_files  # loads TensorFlow: only for what is a model

    kind = further_files.ONNX if options.onnx else further_files.BATCH_1
    path, receipt = further_files.make(kind, options.model, card, options.output)
    print(receipts.line(str(path), receipt))
    return 0
