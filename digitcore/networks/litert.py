"""LiteRT: the only place that runs the contents of a `.tflite` file."""

from __future__ import annotations

import numpy as np


class Interpreter:
    """A network with one input and one output. Not safe between threads: share it only behind a lock.

    outputs: the size of the output's last axis. ValueError or RuntimeError if the contents are not a network.
    """

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter as LiteRT  # 30 MB, not needed to list models

        self._interpreter = LiteRT(model_content=content, num_threads=1)
        self._input = self._interpreter.get_input_details()[0]["index"]
        output = self._interpreter.get_output_details()[0]
        self._output = output["index"]
        self.outputs = int(output["shape"][-1])
        self._shape: tuple[int, ...] = ()

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """(n, height, width, 1) float32 -> the network's answers to them, float32."""
        if pictures.shape != self._shape:  # reallocating takes longer than answering one picture
            self._interpreter.resize_tensor_input(self._input, pictures.shape)
            self._interpreter.allocate_tensors()
            self._shape = pictures.shape
        self._interpreter.set_tensor(self._input, pictures)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)
