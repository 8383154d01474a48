"""The result of a run: scores, figures, mistakes, files, and the network itself for the other pages."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from digitcore import datasets, paths
from digitcore.errors import DatasetError, RunError
from digitcore.evaluation import comparison, metrics
from digitcore.runs.history import duration
from digitcore.runs.run_folder import Run
from digitcore.runs.state import State
from pages.parts.train import class_set, controls, epoch_table, replay, run_card, run_curves, run_live
from pages.shared import confusion_matrix, downloads, networks, reveal
from pages.shared.language import N_, _, number, told
from pages.shared.number_columns import form, written_table

AVERAGES = N_("macro avg"), N_("weighted avg")


def show(run: Run, state: State) -> None:
    """Scores, figures and files of a run that has a model."""
    try:
        card = reveal.card(run)
    except RunError as error:
        st.error(told(error))
        return
    settings = run.settings
    title = datasets.describe(settings.dataset).title
    revealed = "test" in card
    scored = card["test"] if revealed else card["validation"]
    low, high = metrics.wilson_interval(scored["n"] - scored["misses"], scored["n"])
    of_what = _("Test accuracy") if revealed else _("Validation accuracy")
    accuracy = number(scored["accuracy"], ".2%")
    run_live.say_the_end(run, f"{told(state.text)} {of_what}: {accuracy}")
    with st.container(horizontal=True):
        st.metric(of_what, accuracy, width="content")
        st.metric(_("Misses of {n:,}", n=scored["n"]), number(scored["misses"], ","), width="content")
        st.metric(_("Parameters"), number(card["parameters"], ","), width="content")
        st.metric(_("Training time"), duration(card["seconds"]), width="content")
    planned = run_curves.history_of(run).epochs_asked
    kept = (
        told(state.text)
        if state.name == "stopped"
        else _("Epoch {epoch} was best and is kept.", epoch=card["best_epoch"])
    )
    drawings = class_set.learnt(card)
    measured = (
        _("Measured on {title}'s test pictures, which it never saw", title=title)
        if "test" in card
        else _("Measured on the validation pictures, which chose the best epoch but were not learnt from")
    )
    st.caption(
        _(
            "{measured}: the true accuracy is {low:.2%} to {high:.2%} (95% interval). Learnt from {n:,} "
            "pictures{more} in {epochs} of {planned} epochs. {kept}",
            measured=measured,
            low=low,
            high=high,
            n=settings.n_train,
            more=f" {drawings}" if drawings else "",
            epochs=card["epochs_run"],
            planned=planned,
            kept=kept,
        )
    )
    if "test" not in card:
        st.info(_(reveal.SENTENCE))
    _use(run, card)
    contents = {
        _("Curves"): lambda: curves(run),
        _("Replay"): lambda: replay.show(run),
        _("Misses"): lambda: _misses(run, card),
        _("By class"): lambda: _report(card["test"]["classification_report"]),
        _("Take it home"): lambda: downloads.downloads(run),
        _("Run card"): lambda: run_card.show(run, card, run_curves.history_of(run)),
    }
    if "test" not in card:
        del contents[_("Misses")], contents[_("By class")]
    # on_change makes Streamlit run only the tab that is open.
    for tab, fill in zip(
        st.tabs(list(contents), key=f"tabs_{run.id}", on_change="rerun"), contents.values(), strict=True
    ):
        if tab.open:
            with tab:
                fill()


def _use(run: Run, card: dict) -> None:
    with st.container(horizontal=True):
        # A callback counts even if the visitor changes pages at the same moment. The key is the same for each
        # run: a press on a page that is about to show another one is for that.
        if st.button(
            _("Read with this network"),
            icon=":material/draw:",
            type="primary",
            key="train_use",
            on_click=networks.use_run,
            args=(run,),
        ):
            st.toast(_("Draw and Upload now read with this network."))
        controls.go_on(run)


def _misses(run: Run, card: dict) -> None:
    """The confusion matrix and the pictures behind its cells."""
    try:
        answers = _answers(str(run.folder), card["created"], card["dataset"]["name"], card["test"]["misses"])
    except DatasetError as error:
        st.warning(told(error))
        return
    if answers is None:
        st.info(_("This run's answers to the test pictures were not kept or are damaged."))
        return
    confusion_matrix.show(card["dataset"]["name"], answers, card["class_names"], f"misses_{run.id}", run.id)


@st.cache_data(max_entries=24, show_spinner=False)  # 0.4 MB each
def _answers(folder: str, created: float, dataset: str, misses: int) -> np.ndarray | None:
    return comparison.kept_answers(
        Path(folder) / paths.TEST_ANSWERS, misses, datasets.load_labels(dataset, "test")
    )


def _report(report: dict) -> None:
    accuracy = report["accuracy"]
    rows = {_(name) if name in AVERAGES else name: row for name, row in report.items() if name != "accuracy"}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("class").reset_index()
    # Above the table, whose toolbar would cover the tabs on a phone.
    st.caption(
        _(
            "Accuracy {accuracy:.4f}. Precision: the share of answers for a class that are right. "
            "Recall: the share of a class's pictures that are found.",
            accuracy=accuracy,
        )
    )
    ratio = st.column_config.NumberColumn(format=form("%.4f"))
    st.dataframe(
        written_table(table, dict.fromkeys(("precision", "recall", "f1-score"), "%.4f")),
        hide_index=True,
        height="content",
        column_config={
            "class": _("class"),
            "precision": st.column_config.NumberColumn(_("precision"), format=form("%.4f")),
            "recall": st.column_config.NumberColumn(_("recall"), format=form("%.4f")),
            "f1-score": ratio,
            "support": _("support"),
        },
        alt=_("Classification report: precision, recall, f1-score and support by class"),
    )


def curves(run: Run) -> None:
    """The complete history of a run that has ended."""
    history = run_curves.history_of(run)
    for message in history.messages:
        st.text(told(message))  # verbatim, because it may quote an error
    if not history.points:
        return
    run_curves.show(run, f"ended_{run.id}", moving=False)
    epoch_table.show(history)
