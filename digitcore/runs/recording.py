"""What a network knew after each epoch, left in its run's folder for the replay. TensorFlow is not needed.

    replay/row.npz          the fixed row of validation pictures: images, labels
    replay/epoch-003.npz    the network after epoch 3 (epoch-000: with its random weights), see `Frame`
    replay/now.npz          the visitor's drawings as read since, within an epoch
    replay/weights-003.npz  that network itself (epoch_weights.py)
    own_digit.npz           the visitor's own drawings: written by the page at any time, read after each epoch

All are written by temp-and-rename. A frame takes at most about 50 kB, and a run keeps at most `MOST_FRAMES`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digitcore import datasets, files, paths
from digitcore.errors import DamagedFile, RunError
from digitcore.evaluation import metrics
from digitcore.preprocessing.levels import scaled
from digitcore.runs import epoch_weights
from digitcore.runs.run_folder import Run

# The confusion matrix counts this many of the 5,000 validation pictures: more would not change what it shows,
# and the epoch would have to wait for a second pass through the validation.
MEASURED = 1_000
# Pictures per call of the model, which bounds the memory of a wide convolution (26x26x64 floats a picture).
CHUNK = 250
# Units of the first layer whose weights are kept: all kernels of a small convolution, and as many weight
# images of a dense layer (784 float16 each) as a phone's screen has room for.
MOST_UNITS = 32
# When a run has more epochs than this, every second one of the older ones is dropped.
MOST_FRAMES = 128
MOST_OWN = 5
# Of the time since the fit began, what reading the visitor's drawings within epochs may take.
MOST_SHARE = 0.005
HIGHEST = float(np.finfo(np.float16).max)  # for a fit that has diverged


@dataclass(frozen=True)
class Frame:
    """A network as it was after an epoch; `outputs` are its classes and perhaps one for "none of them".

    answers: (pictures of the row, outputs) float32 probabilities.
    confusion: (classes, outputs) int64, the first `MEASURED` validation pictures by class and answer.
    weights: (units, height, width) float16 of the first layer, as pictures: a convolution's kernels, or the
        weight of every pixel for each unit of a dense layer; (0, 0, 0) if the first layer is neither.
    own: (n, 28, 28) uint8, the visitor's drawings at the time, and own_answers: (n, outputs) float32.
    """

    epoch: float
    answers: np.ndarray
    confusion: np.ndarray
    weights: np.ndarray
    own: np.ndarray
    own_answers: np.ndarray


class Recorder:
    """Writes the frames of one run, from the validation pictures of its data set."""

    def __init__(self, run: Run) -> None:
        self.run = run
        dataset = run.settings.dataset
        images, labels = datasets.load(dataset, "validation")
        chosen = row_of(images, labels, len(datasets.describe(dataset).class_names))
        self._row = images[chosen]
        self._images, self._labels = images[:MEASURED].copy(), labels[:MEASURED]
        folder = run.file(paths.REPLAY)
        files.private_folder(folder)
        files.write_npz(folder / paths.REPLAY_ROW, images=self._row, labels=labels[chosen])
        self._begun, self._spent = time.perf_counter(), 0.0

    def glance(self, epoch: float, model: Any) -> None:
        """Read the visitor's drawings within an epoch (2.4: a good third through the third), unless there are
        none, or reading has taken `MOST_SHARE` of the time; model: as for `record`."""
        begun = time.perf_counter()
        if self._spent > MOST_SHARE * (begun - self._begun):
            return
        own = own_digits(self.run)
        if len(own):
            place = self.run.file(paths.REPLAY) / paths.REPLAY_NOW
            files.write_npz(place, False, epoch=np.float64(epoch), own=own, own_answers=_ask(model, own))
        self._spent += time.perf_counter() - begun

    def record(self, epoch: int, model: Any) -> None:
        """Write the frame of `epoch`; 0 is the network before any training.

        model: a Keras model, or something called like one: (n, 28, 28, 1) float32 in 0..1 -> (n, outputs).
        """
        answers = _ask(model, self._images)
        confusion = metrics.confusion_matrix(self._labels, answers.argmax(1), answers.shape[1])
        own = own_digits(self.run)
        files.write_npz(
            _path(self.run, epoch),
            answers=_ask(model, self._row),
            confusion=confusion[: int(self._labels.max()) + 1],  # no picture is labelled "none of them"
            weights=first_weights(model),
            own=own,
            own_answers=_ask(model, own) if len(own) else np.zeros((0, answers.shape[1]), np.float32),
        )
        epoch_weights.keep(self.run, epoch, model.get_weights())
        step = 1
        while epoch / step >= MOST_FRAMES:
            step *= 2
        if step > 1:
            for old in epochs(self.run):
                if old % step and old != epoch:
                    _path(self.run, old).unlink(missing_ok=True)


def row_of(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Indices (2 * classes,) of the fixed row: the first picture of each class, then the hardest of each.

    No network is needed to find the hardest: of all pictures of a class (n, 28, 28), it is the farthest from
    the class's mean picture, relative to its distance from the nearest other mean.
    """
    flat = scaled(images.reshape(len(images), -1))
    means = np.stack([flat[labels == c].mean(0) for c in range(classes)])
    # Squared distances (n, classes) without |x|², which is the same for every mean.
    distances = (means**2).sum(1) - 2 * flat @ means.T
    own = distances[np.arange(len(labels)), labels]
    distances[np.arange(len(labels)), labels] = np.inf
    surprise = own - distances.min(1)
    first = [np.flatnonzero(labels == c)[0] for c in range(classes)]
    hardest = [np.where(labels == c, surprise, -np.inf).argmax() for c in range(classes)]
    return np.array(first + hardest)


def first_weights(model: Any) -> np.ndarray:
    """Weights (units, height, width) float16 of the first layer that sees pictures; see `Frame.weights`."""
    for layer in model.layers:
        weights = layer.get_weights()
        if not weights:
            continue
        kernel = np.clip(weights[0], -HIGHEST, HIGHEST)
        if kernel.ndim == 4 and kernel.shape[2] == 1:  # (height, width, 1, filters)
            return np.moveaxis(kernel[:, :, 0, :MOST_UNITS], 2, 0).astype(np.float16)
        if kernel.ndim == 2 and kernel.shape[0] == 28 * 28:  # (pixels, units)
            return kernel[:, :MOST_UNITS].T.reshape(-1, 28, 28).astype(np.float16)
        break
    return np.zeros((0, 0, 0), np.float16)


def epochs(run: Run) -> list[int]:
    """The epochs that have a frame, in order; a file may still turn out to be damaged."""
    found = (path.stem.removeprefix("epoch-") for path in run.file(paths.REPLAY).glob("epoch-*.npz"))
    return sorted(int(number) for number in found if number.isdecimal())


def frame(run: Run, epoch: int) -> Frame | None:
    """The frame of an epoch; None if there is none, or its file is damaged."""
    names = ("answers", "confusion", "weights", "own", "own_answers")
    arrays = _arrays(_path(run, epoch), *names)
    if arrays is None:
        return None
    answers, confusion, _, own, own_answers = arrays
    if (
        [array.ndim for array in arrays] != [2, 2, 3, 3, 2]
        or len(own) != len(own_answers)
        or not (answers.shape[1] == confusion.shape[1] == own_answers.shape[1])
    ):
        return None
    return Frame(epoch, *arrays)


def glance(run: Run) -> Frame | None:
    """The visitor's drawings as they were read last within an epoch, as a frame that holds nothing else and
    whose epoch is a fraction; None if there is none."""
    arrays = _arrays(run.file(paths.REPLAY) / paths.REPLAY_NOW, "epoch", "own", "own_answers")
    if arrays is None:
        return None
    epoch, own, answers = arrays
    if epoch.shape != () or own.ndim != 3 or answers.ndim != 2 or len(own) != len(answers):
        return None
    nothing = np.zeros((0, 0, 0), np.float16)
    return Frame(float(epoch), answers[:0], np.zeros((0, 0), int), nothing, own, answers)


def row(run: Run) -> tuple[np.ndarray, np.ndarray] | None:
    """The fixed row's images (n, 28, 28) uint8 and labels (n,); None if there is none."""
    arrays = _arrays(run.file(paths.REPLAY) / paths.REPLAY_ROW, "images", "labels")
    return None if arrays is None else (arrays[0], arrays[1])


def own_digits(run: Run) -> np.ndarray:
    """The visitor's drawings (n, 28, 28) uint8, ink bright on 0; none if the file is damaged."""
    arrays = _arrays(run.file(paths.OWN_DIGIT), "images")
    if arrays is None or arrays[0].shape[1:] != (28, 28) or arrays[0].dtype != np.uint8:
        return np.zeros((0, 28, 28), np.uint8)
    return arrays[0][:MOST_OWN]


def write_own_digits(run: Run, images: np.ndarray) -> None:
    """Replace the visitor's drawings of a run by these (n, 28, 28) uint8; the next epoch reads them.

    RunError for a recorded run, for more than `MOST_OWN`, or if they cannot be written.
    """
    if run.recorded:
        raise RunError("This run is a recording that ships with the app; it takes no drawings.")
    if len(images) > MOST_OWN:
        raise RunError(f"A run takes up to {MOST_OWN} drawings; got {len(images)}.")
    try:
        files.write_npz(run.file(paths.OWN_DIGIT), images=np.asarray(images, np.uint8).reshape(-1, 28, 28))
    except OSError as error:
        raise RunError(f"The drawing could not be kept: {error.strerror or error}.") from error


def _ask(model: Any, images: np.ndarray) -> np.ndarray:
    """Probabilities (n, outputs) float32 for (n, 28, 28) uint8 images.

    The model is called, not `predict`ed: no function is traced, which is cheaper for a batch or two.
    """
    pictures = scaled(images[..., np.newaxis])
    chunks = range(0, len(pictures), CHUNK)
    return np.concatenate([np.asarray(model(pictures[at : at + CHUNK], training=False)) for at in chunks])


def _path(run: Run, epoch: int) -> Path:
    return run.file(paths.REPLAY) / f"epoch-{epoch:03d}.npz"


def _arrays(path: Path, *names: str) -> list[np.ndarray] | None:
    try:
        with files.npz(path) as arrays:
            return [arrays[name] for name in names]
    except (FileNotFoundError, DamagedFile):
        return None
