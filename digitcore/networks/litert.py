"""LiteRT, the one way to it: a `.tflite` file's contents, run."""

from __future__ import annotations

import numpy as np


class Interpreter:
    """A network of one input and one output. Not safe between threads: whoever shares one locks it.

    outputs: numbers in its last axis. ValueError or RuntimeError where the contents are no network.
    """

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter as LiteRT  # 30 MB: not for those who list models

        self._interpreter = LiteRT(model_content=content, num_threads=1)
        self._input = self._interpreter.get_input_details()[0]["index"]
        output = self._interpreter.get_output_details()[0]
        self._output = output["index"]
        self.outputs = int(output["shape"][-1])
        self._shape: tuple[int, ...] = ()

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """(n, height, width, 1) float32 -> the network's answers to them, float32."""
        if pictures.shape != self._shape:  # allocating takes longer than answering one picture
            self._interpreter.resize_tensor_input(self._input, pictures.shape)
            self._interpreter.allocate_tensors()
            self._shape = pictures.shape
        self._interpreter.set_tensor(self._input, pictures)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)
