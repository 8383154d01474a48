"""A process that holds TensorFlow and times it on request, for benchmarks whose own process must not load it.

    with Worker("benchmarks.support.tensorflow_worker", "models/simple-cnn.keras") as tensorflow:
        tensorflow("predict_one", n=40)["seconds"]      # 40 timings, each of one call

One request for each line of stdin, one answer for each line of stdout, both in JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from digitcore.paths import REPOSITORY


class Worker:
    """The process, as seen from the benchmark: a module that calls `serve`. Use it in a `with` block."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.command = [sys.executable, "-m", module, *arguments]

    def __enter__(self) -> Worker:
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            self.command,
            cwd=REPOSITORY,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        return self

    def __call__(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Have it run its method of that name; RuntimeError if it died doing so."""
        print(json.dumps({"name": name, **arguments}), file=self.process.stdin, flush=True)
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                return json.loads(line)
        code = self.process.wait()
        self.log.seek(0)
        raise RuntimeError(
            f"The TensorFlow process ended with code {code} at {name!r}: {self.log.read()[-2000:]}"
        )

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


def timed(call: Callable[[], object], n: int) -> list[float]:
    """Seconds that each of n calls takes."""
    seconds = []
    for _ in range(n):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return seconds


class _Calls:
    """What the process can do with the model; each method answers one request."""

    def __init__(self, path: str) -> None:
        import keras
        import tensorflow as tf

        from digitcore import datasets
        from digitcore.preprocessing.levels import scaled

        self.model = keras.models.load_model(path)
        self.function = tf.function(
            lambda pictures: self.model(pictures, training=False),
            input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.float32)],
        )
        images, _ = datasets.load("mnist", "test")
        self.pictures = scaled(images[..., None])
        self.one = self.pictures[:1]

    def predict_one(self, n: int) -> dict[str, Any]:
        return {"seconds": timed(lambda: self.model.predict(self.one, verbose=0), n)}

    def function_one(self, n: int) -> dict[str, Any]:
        return {"seconds": timed(lambda: self.function(self.one).numpy(), n)}

    def predict_all(self, n: int, batch_size: int) -> dict[str, Any]:
        call = lambda: self.model.predict(self.pictures, batch_size=batch_size, verbose=0)  # noqa: E731
        return {"seconds": timed(call, n)}

    def function_all(self, n: int, batch_size: int) -> dict[str, Any]:
        starts = range(0, len(self.pictures), batch_size)
        call = lambda: [self.function(self.pictures[i : i + batch_size]).numpy() for i in starts]  # noqa: E731
        return {"seconds": timed(call, n)}

    def answers(self, n: int) -> dict[str, Any]:
        """Probabilities of the first n test digits."""
        return {"probabilities": self.model.predict(self.pictures[:n], verbose=0).tolist()}

    def usual_loop(self, paths: list[str]) -> dict[str, Any]:
        """The loop of the classic digit projects, from a file to its answer, each pass timed."""
        import cv2
        import numpy as np

        seconds, answers = [], []
        for path in paths:
            begun = time.perf_counter()
            image = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
            image = cv2.resize(image, (28, 28))
            image = np.invert(image).reshape(1, 28, 28, 1).astype("float32") / 255.0
            answers.append(int(np.argmax(self.model.predict(image, verbose=0))))
            seconds.append(time.perf_counter() - begun)
        return {"seconds": seconds, "answers": answers}


def serve(calls: object) -> None:
    """The process's own side: answer requests with the methods of `calls` until stdin ends."""
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(getattr(calls, request.pop("name"))(**request)), flush=True)


if __name__ == "__main__":
    serve(_Calls(sys.argv[1]))
