"""A Keras model -> the bytes of an ONNX file, by tf2onnx: an optional package, requirements-onnx.txt."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from digitcore.errors import PackageError
from digitcore.evaluation.other_runtimes import MISSING
from digitcore.process import stderr_elsewhere

INPUT, OUTPUT, BATCH = "picture", "probabilities", "n"


def check_packages() -> None:
    """PackageError if a package is missing; its sentence says how to get it."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import tf2onnx  # noqa: F401
    except ModuleNotFoundError as error:
        raise PackageError(MISSING.format(error.name)) from None


def converted(model, class_names: Sequence[str]) -> bytes:
    """The contents of an ONNX file: `picture` (n, 28, 28, 1) float32, 0 paper to 1 ink -> `probabilities`
    (n, classes) float32, with one more column if the network knows "none of them".

    The file explains both in its own description and metadata. Raises PackageError.
    """
    check_packages()
    import onnx

    model(np.zeros((1, 28, 28, 1), np.float32))  # Keras exports only a model that has been called once
    with tempfile.TemporaryDirectory() as folder, stderr_elsewhere():
        path = Path(folder, "model.onnx")
        model.export(path, format="onnx", verbose=False)
        graph = onnx.load(path)
    _spell_out_erfc(graph.graph)
    _name_ends(graph.graph)
    graph.doc_string = "Digit Lab: 28 x 28 pictures, 0.0 paper to 1.0 ink -> probabilities of the classes."
    onnx.helper.set_model_props(graph, {"class_names": ",".join(class_names)})
    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString()


def _spell_out_erfc(graph) -> None:
    """TensorFlow's GELU uses erfc, which ONNX lacks and tf2onnx (1.17) leaves as it is: write 1 - erf."""
    from onnx import TensorProto, helper

    nodes = []
    for node in graph.node:
        if node.op_type != "Erfc":
            nodes.append(node)
            continue
        (given,), (wanted,) = node.input, node.output
        one, erf = f"{node.name}/one", f"{node.name}/erf"
        graph.initializer.append(helper.make_tensor(one, TensorProto.FLOAT, (), [1.0]))
        nodes.append(helper.make_node("Erf", [given], [erf], name=erf))
        nodes.append(helper.make_node("Sub", [one, erf], [wanted], name=node.name))
    del graph.node[:]
    graph.node.extend(nodes)


def _name_ends(graph) -> None:
    """tf2onnx names the output after TensorFlow's node ("Identity:0"), and the batch "unk__44"."""
    names = {graph.input[0].name: INPUT, graph.output[0].name: OUTPUT}
    for node in graph.node:
        for ends in (node.input, node.output):
            for place, name in enumerate(ends):
                ends[place] = names.get(name, name)
    for end in (graph.input[0], graph.output[0]):
        end.name = names[end.name]
        end.type.tensor_type.shape.dim[0].dim_param = BATCH
