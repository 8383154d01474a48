"""A network's confusion matrix, and the test pictures behind its cells."""

from pages.parts.compare import entries as compare_entries
from pages.parts.compare.entries import Entry
from pages.shared import confusion_matrix
from pages.shared.language import _


def show(entries: list[Entry]) -> None:
    entry = compare_entries.choose(_("Network"), entries, "compare_confusion")
    answers = compare_entries.test_answers(entry)
    confusion_matrix.show(entry.dataset, answers, entry.card["class_names"], "compare", entry.choice)
