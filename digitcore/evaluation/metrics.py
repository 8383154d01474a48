"""How well a network reads: accuracy, misses, loss, confusion, report, intervals, calibration.

NumPy in, NumPy or plain Python out; nothing here depends on what the classes mean. Measures that scikit-learn
has give scikit-learn's numbers (the tests compare them), but the program does not need it.
"""

import math
from collections.abc import Sequence

import numpy as np

# The limit to which keras.losses clips probabilities, so that losses here and in training are comparable.
EPSILON = 1e-7


def misses(predictions: np.ndarray, labels: np.ndarray) -> int:
    """Return how many predictions are wrong.

    `predictions` are classes `(n,)`, or probabilities `(n, c)`, of which the largest counts; `labels (n,)`.
    """
    return int(np.count_nonzero(_classes(predictions, labels) != np.asarray(labels)))


def accuracy(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Return the share that is right, 0 to 1; arguments as in `misses`. ValueError if there are none."""
    if len(labels) == 0:
        raise ValueError("Expected at least one label to measure an accuracy, got none.")
    return (len(labels) - misses(predictions, labels)) / len(labels)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of -log p(true class) in nats, for `(n, c)` probabilities and `(n,)` labels.

    Probabilities are clipped to 1e-7 … 1 - 1e-7, as in Keras.
    """
    _classes(probabilities, labels)
    if len(labels) == 0:
        raise ValueError("Expected at least one label to measure a loss, got none.")
    true = np.asarray(probabilities, np.float64)[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(true, EPSILON, 1.0 - EPSILON)).mean())


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, n_classes: int) -> np.ndarray:
    """Return `(n_classes, n_classes) int64`: row the true class, column the predicted one.

    ValueError if a class is outside 0 … n_classes - 1.
    """
    labels, predictions = np.asarray(labels, np.int64), np.asarray(predictions, np.int64)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(f"Expected as many predictions as labels, got {predictions.shape}, {labels.shape}.")
    for classes in (labels, predictions):
        if len(classes) and not 0 <= classes.min() <= classes.max() < n_classes:
            raise ValueError(
                f"Expected classes 0 to {n_classes - 1}, got {classes.min()} to {classes.max()}."
            )
    counts = np.bincount(labels * n_classes + predictions, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes)


def classification_report(
    confusion: np.ndarray, class_names: Sequence[str], support: np.ndarray | None = None
) -> dict:
    """Return precision, recall, f1-score and support by class, and their averages.

    The same dictionary as scikit-learn's `classification_report(…, output_dict=True, zero_division=0)`: one
    entry per class name, then "accuracy", "macro avg" and "weighted avg". A measure that would divide by
    zero, such as the recall of a class that does not occur, is 0. `support (n_classes,)` is the number of
    each class, if that is more than the matrix shows: the others have no answer, and each is a miss.
    """
    confusion = np.asarray(confusion)
    n_classes = len(class_names)
    if confusion.shape != (n_classes, n_classes):
        raise ValueError(
            f"Expected a confusion matrix of {n_classes} x {n_classes} classes, got {confusion.shape}."
        )
    hits, predicted = np.diag(confusion), confusion.sum(axis=0)
    support = confusion.sum(axis=1) if support is None else np.asarray(support)
    table = {
        "precision": _ratio(hits, predicted),
        "recall": _ratio(hits, support),
        "f1-score": _ratio(2 * hits, support + predicted),
    }
    total = int(support.sum())
    report = {
        name: {key: float(column[k]) for key, column in table.items()} | {"support": int(support[k])}
        for k, name in enumerate(class_names)
    }
    report["accuracy"] = float(_ratio(hits.sum(), total))
    for average, weights in (("macro avg", np.ones(n_classes)), ("weighted avg", support)):
        report[average] = {
            key: float(_ratio((column * weights).sum(), weights.sum())) for key, column in table.items()
        } | {"support": total}
    return report


def report_text(report: dict, digits: int = 2) -> str:
    """Return a `classification_report` as a table in plain text, laid out as scikit-learn prints it."""
    width = max(len(name) for name in report if name != "accuracy")
    width = max(width, len("weighted avg"), digits)
    columns = ("precision", "recall", "f1-score", "support")
    lines = [" " * width + " " + "".join(f" {column:>9}" for column in columns), ""]
    total = report["macro avg"]["support"]
    for name, row in report.items():
        if name == "accuracy":
            lines.append("")
            lines.append(f"{name:>{width}} " + " " * 20 + f" {row:>9.{digits}f} {total:>9}")
        else:
            numbers = "".join(f" {row[column]:>9.{digits}f}" for column in columns[:3])
            lines.append(f"{name:>{width}} {numbers} {row['support']:>9}")
    return "\n".join(lines) + "\n"


def wilson_interval(hits: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the confidence interval of the true share, given `hits` of `n`; 95 % with the default z.

    Wilson's score interval (E. B. Wilson, JASA 22, 1927), which stays within 0 to 1 and is sound for shares
    near 1, unlike the textbook's plus-minus.
    """
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"Expected hits of at least one try, got {hits} of {n}.")
    share, spread = hits / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> list[dict]:
    """Return the rows of a reliability diagram: {"n", "confidence", "accuracy"} of each bin, ascending.

    The confidences (the largest of each row of the `(n, c)` probabilities) are sorted and cut into `bins`
    groups of equal size, each with its mean confidence and the share that is right. Equal size instead of
    equal width, because a good reader's confidences crowd near 1 (Nixon et al., "Measuring Calibration in
    Deep Learning", 2019).
    """
    right = _classes(probabilities, labels) == np.asarray(labels)
    if len(labels) == 0 or bins < 1:
        raise ValueError(f"Expected at least one label and one bin, got {len(labels)} and {bins}.")
    confidence = np.asarray(probabilities, np.float64).max(axis=1)
    groups = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return [
        {
            "n": len(group),
            "confidence": float(confidence[group].mean()),
            "accuracy": float(right[group].mean()),
        }
        for group in groups
        if len(group)
    ]


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Return how far confidence and accuracy are apart, 0 (as sure as it is right) to 1: the mean over all n
    of |accuracy - mean confidence| of its bin in `reliability`."""
    rows = reliability(probabilities, labels, bins)
    return sum(row["n"] * abs(row["accuracy"] - row["confidence"]) for row in rows) / len(labels)


def auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """Return the chance that one of `inside (n,)` scores above one of `outside (m,)`; a tie counts half.

    The area under the ROC curve by ranks (Mann and Whitney, 1947).
    """
    inside, outside = np.asarray(inside, np.float64), np.asarray(outside, np.float64)
    if inside.ndim != 1 or outside.ndim != 1 or not len(inside) or not len(outside):
        raise ValueError(f"Expected two rows of scores, got shapes {inside.shape} and {outside.shape}.")
    outside = np.sort(outside)
    below, not_above = (np.searchsorted(outside, inside, side) for side in ("left", "right"))
    return float((below + not_above).mean() / (2 * len(outside)))


def _classes(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    predictions, labels = np.asarray(predictions), np.asarray(labels)
    if predictions.ndim not in (1, 2) or labels.ndim != 1 or len(predictions) != len(labels):
        raise ValueError(f"Expected one prediction per label, got {predictions.shape} and {labels.shape}.")
    return predictions.argmax(axis=1) if predictions.ndim == 2 else predictions


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return above / below, or 0 where below is 0."""
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
