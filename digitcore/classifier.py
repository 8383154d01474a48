"""A `.tflite` file and its card -> probabilities, in words too. LiteRT only: no TensorFlow."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digitcore.errors import ModelError

_CHUNK = 32  # longer batches fall out of the cache: 256 at once take a quarter longer


@dataclass(frozen=True)
class Verdict:
    """What a network's probabilities say: the best two answers (class numbers), and whether the best
    one is as sure as `accepted` asks (see `Classifier.threshold`)."""

    label: int
    confidence: float
    second: int
    second_confidence: float
    accepted: bool
    text: str

    @property
    def sureness(self) -> str:
        """The confidence for people: "97.3%", and never a hundred, which no network can be."""
        return "over 99.9%" if self.confidence >= 0.9995 else f"{self.confidence:.1%}"


class Classifier:
    """A network behind one lock, so that any number of threads may share it.

    model_path: a float32 `.tflite`, (n, 28, 28, 1) -> (n, classes).
    card: the model's card; its `class_names` and `acceptance.threshold` are used here.
    Raises ModelError where the file is missing, damaged or does not fit the card.
    """

    def __init__(self, model_path: Path | str, card: dict[str, Any]) -> None:
        from ai_edge_litert.interpreter import Interpreter  # 30 MB: not for those who only list models

        path = Path(model_path)
        self.card = card
        self.name: str = card["name"]
        self.title: str = card.get("title") or self.name
        self.class_names: tuple[str, ...] = tuple(card["class_names"])
        self.threshold: float = float(card.get("acceptance", {}).get("threshold", 0.0))
        self._lock = threading.Lock()
        try:
            content = path.read_bytes()
            # Two interpreters: changing the batch size of one back and forth costs more than the answer.
            self._single = _Runner(Interpreter(model_content=content, num_threads=1))
            self._batch = _Runner(Interpreter(model_content=content, num_threads=1))
        except OSError as error:
            raise ModelError(f"Model {self.name} has no readable file {path.name}.") from error
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path.name} of model {self.name} is not a TensorFlow Lite model.") from error
        if self._single.classes != len(self.class_names):
            raise ModelError(
                f"{path.name} gives {self._single.classes} classes, but the card of model {self.name} "
                f"names {len(self.class_names)}."
            )

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (n, classes) float32 of pictures (n, 28, 28) float32, 0.0 paper to 1.0 ink."""
        images = np.asarray(images, dtype=np.float32)
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ModelError(f"A network reads pictures of shape (n, 28, 28); got {images.shape}.")
        pictures = images[..., np.newaxis]
        with self._lock:
            if len(pictures) == 1:
                return self._single(pictures)
            parts = [self._batch(pictures[i : i + _CHUNK]) for i in range(0, len(pictures), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.class_names)), np.float32)

    def verdict(self, probabilities: np.ndarray) -> Verdict:
        """What (classes,) probabilities say in words: "7", or "7, or perhaps 1" below the threshold."""
        label, second = (int(i) for i in np.argsort(-probabilities, kind="stable")[:2])
        confidence = float(probabilities[label])
        accepted = confidence >= self.threshold
        text = self.class_names[label]
        if not accepted:
            text += f", or perhaps {self.class_names[second]}"
        return Verdict(label, confidence, second, float(probabilities[second]), accepted, text)


class _Runner:
    """One LiteRT interpreter; not safe between threads, which the classifier's lock sees to."""

    def __init__(self, interpreter: Any) -> None:
        self.interpreter = interpreter
        self.input = interpreter.get_input_details()[0]["index"]
        self.output = interpreter.get_output_details()[0]["index"]
        self.classes = int(interpreter.get_output_details()[0]["shape"][-1])
        self.n = 0

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        if len(pictures) != self.n:
            self.interpreter.resize_tensor_input(self.input, pictures.shape)
            self.interpreter.allocate_tensors()
            self.n = len(pictures)
        self.interpreter.set_tensor(self.input, pictures)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output)
