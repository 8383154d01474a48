"""A `.tflite` file and its card -> probabilities, and answers in words. LiteRT only: no TensorFlow."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digitcore import datasets
from digitcore.errors import ModelError
from digitcore.networks.litert import Interpreter

NEVER = 1e-30  # stands for a probability of 0 when its logarithm is taken
_CHUNK = 32  # longer batches fall out of the cache: 256 at once take a quarter longer


@dataclass(frozen=True)
class Answers:
    """A network's answers for n pictures.

    probabilities: (n, classes) float32, calibrated, over the classes alone: each row sums to 1.
    digitness: (n,) float32, 0 to 1, how much each picture looks like any of the classes.
    """

    probabilities: np.ndarray
    digitness: np.ndarray


@dataclass(frozen=True, slots=True)
class Verdict:
    """A network's answer for one picture: the best two classes (by number), and the answer in words.

    is_digit: whether the picture looks like any of the classes (see `Classifier.digitness_threshold`).
    accepted: whether it does and the best class is also sure enough (see `Classifier.threshold`).
    """

    label: int
    confidence: float
    second: int
    second_confidence: float
    accepted: bool
    text: str
    is_digit: bool = True

    @property
    def sureness(self) -> str:
        """The confidence for people, such as "97.3%", and never a hundred, which no network can be."""
        return "over 99.9%" if self.confidence >= 0.9995 else f"{self.confidence:.1%}"

    @property
    def order(self) -> tuple[bool, float]:
        """A sort key, least sure first: non-digits, whatever their confidence, then by confidence."""
        return self.is_digit, self.confidence


class Classifier:
    """A network behind one lock, so that any number of threads may share it.

    model_path: a float32 `.tflite`, (n, 28, 28, 1) -> (n, classes), or (n, classes + 1) if the card's
    `not_a_digit.index` says that the last output is "none of them".
    card: the model's card; `class_names`, `calibration.temperature`, `acceptance.threshold` and
    `not_a_digit` are used here. A network that is not calibrated yet answers with its own softmax. Raises
    ModelError if the file is missing, damaged or does not fit the card.
    """

    def __init__(self, model_path: Path | str, card: dict[str, Any]) -> None:
        path = Path(model_path)
        self._take(card)
        self._lock = threading.Lock()
        try:
            content = path.read_bytes()
            # Two interpreters: changing the batch size of one back and forth would take longer than the
            # answer.
            self._single = Interpreter(content)
            self._batch = Interpreter(content)
        except OSError as error:
            raise ModelError(f"Model {self.name} has no readable file {path.name}.") from error
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path.name} of model {self.name} is not a TensorFlow Lite model.") from error
        classes = len(self.class_names)
        if self._single.outputs != classes + self.knows_others:
            raise ModelError(
                f"{path.name} gives {self._single.outputs} classes, but the card of model {self.name} "
                f"names {classes}{' and one for none of them' if self.knows_others else ''}."
            )

    def _take(self, card: dict[str, Any]) -> None:
        self.card = card
        self.name: str = card["name"]
        self.title: str = card.get("title") or self.name
        self.class_names: tuple[str, ...] = tuple(card["class_names"])
        self.temperature: float = float(card.get("calibration", {}).get("temperature", 1.0))
        self.threshold: float = float(card.get("acceptance", {}).get("threshold", 0.0))
        not_a_digit = card.get("not_a_digit", {})
        self.digitness_threshold: float = float(not_a_digit.get("threshold", 0.0))
        self.knows_others: bool = "index" in not_a_digit
        if not_a_digit.get("index", len(self.class_names)) != len(self.class_names):
            raise ModelError(f'The card of model {self.name} must have "not a digit" as its last output.')

    def with_card(self, card: dict[str, Any]) -> Classifier:
        """The same network with another card, as after a new calibration; they share the lock."""
        twin = copy.copy(self)
        twin._take(card)
        return twin

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (n, classes) float32 of pictures (n, 28, 28) float32, 0.0 paper to
        1.0 ink: those of `answer`."""
        return self.answer(images).probabilities

    def answer(self, images: np.ndarray) -> Answers:
        """The network's answers for pictures (n, 28, 28) float32, 0.0 paper to 1.0 ink."""
        return answers(self.outputs(images), len(self.class_names), self.temperature)

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """The network's own softmax, not calibrated: (n, classes) float32, or one column more."""
        images = np.asarray(images, dtype=np.float32)
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ModelError(f"A network reads pictures of shape (n, 28, 28); got {images.shape}.")
        pictures = images[..., np.newaxis]
        with self._lock:
            if len(pictures) == 1:
                return self._single(pictures)
            parts = [self._batch(pictures[i : i + _CHUNK]) for i in range(0, len(pictures), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, self._single.outputs), np.float32)

    def verdict(self, probabilities: np.ndarray, digitness: float = 1.0) -> Verdict:
        """(classes,) probabilities and a digitness in words: "7", or "7, or perhaps 1" below the threshold
        for sure answers, or that this is nothing the network knows."""
        label, second = (int(i) for i in np.argsort(-probabilities, kind="stable")[:2])
        confidence = float(probabilities[label])
        is_digit = float(digitness) >= self.digitness_threshold
        accepted = is_digit and confidence >= self.threshold
        text = self.class_names[label]
        if not is_digit:
            text = self._none_of_them()
        elif not accepted:
            text += f", or perhaps {self.class_names[second]}"
        return Verdict(label, confidence, second, float(probabilities[second]), accepted, text, is_digit)

    @property
    def reads_digits(self) -> bool:
        """Whether its classes are digits, rather than clothes."""
        return datasets.are_digits(self.class_names)

    def _none_of_them(self) -> str:
        if self.reads_digits:
            return "This does not look like a digit"
        return "This looks like nothing it knows"


def answers(outputs: np.ndarray, classes: int, temperature: float) -> Answers:
    """A network's own outputs (n, classes) or (n, classes + 1) -> its calibrated answers.

    For a network that also learnt from non-digits, digitness is the probability it leaves for the digits. For
    any other it is that of its best two classes together: low if the picture is not a digit, because then the
    probability is spread over many classes, but high for "7, or perhaps 1" (after Hendrycks & Gimpel 2017,
    who use only the best class).
    """
    probabilities = calibrated(outputs[:, :classes], temperature)
    if outputs.shape[1] > classes:
        return Answers(probabilities, 1 - outputs[:, -1])
    return Answers(probabilities, 1 - np.sort(probabilities, 1)[:, :-2].sum(1))


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """(n, classes) of a softmax -> softmax(log p / temperature), float32, each row summing to 1.

    Guo et al., "On Calibration of Modern Neural Networks" (2017). p^(1/temperature) is the same without the
    logarithm. A network that is sure of "not a digit" may leave a row of zeros for the digits, which NEVER
    turns into an even guess.
    """
    powers = (probabilities.astype(np.float64) + NEVER) ** (1 / temperature)
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)
