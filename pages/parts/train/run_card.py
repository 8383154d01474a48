"""The run card: settings, data, versions, changes people made on the way, and the command that repeats it."""

import json
import time
from typing import Any

import pandas as pd
import streamlit as st

from digitcore import datasets
from digitcore.networks.settings import Settings
from digitcore.runs import cards
from digitcore.runs.history import History
from digitcore.runs.run_folder import Run
from pages.parts.train.new_run import as_written, label, within
from pages.shared.language import _, ngettext


def show(run: Run, card: dict[str, Any] | None, history: History) -> None:
    """The run card, with the result's card if there is one yet."""
    settings = run.settings
    st.code(card["recipe"] if card else cards.command(settings), language="bash", wrap_lines=True)
    if history.interventions:
        st.caption(_("This command repeats the plan, without the changes made on the way:"))
        # A table without a toolbar, which on a phone would cover its only row.
        st.table(
            pd.DataFrame(
                {
                    _("Epoch"): [change.get("epoch") for change in history.interventions],
                    _("Batch"): [change.get("step") for change in history.interventions],
                    _("What"): [in_words(change) for change in history.interventions],
                }
            ),
            hide_index=True,
            border="horizontal",
            alt=_("Changes people made to the run while it learnt"),
        )
    else:
        st.caption(_("This command repeats the run; nothing was changed on the way."))
    st.dataframe(
        pd.DataFrame(facts(run, settings, card), columns=[_("What"), _("Value")]),
        hide_index=True,
        height="content",
        alt=_("Seed, data, versions and date of the run"),
    )
    st.caption(
        _(
            "Settings; the marked ones differ from {architecture}'s own recipe.",
            architecture=settings.architecture,
        )
    )
    recipe = Settings.for_architecture(settings.architecture).to_dict()
    values = settings.to_dict()
    st.table(
        pd.DataFrame(
            {
                _("Setting"): [within(label(name)) for name in values],
                _("Value"): [as_written(value) for value in values.values()],
                _("Differs"): ["●" if value != recipe[name] else "" for name, value in values.items()],
            }
        ),
        hide_index=True,
        border="horizontal",
        alt=_("All settings of the run"),
    )


def facts(run: Run, settings: Settings, card: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Rows for the table, as text."""
    data = datasets.describe(settings.dataset).title
    rows = [
        (_("Requested"), time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(run.created))),
        (_("Seed"), str(settings.seed)),
        (_("Data"), _("{data}, {n_train:,} training pictures", data=data, n_train=settings.n_train)),
    ]
    if card:
        rows.append((_("Data, SHA-256"), _hash(card["dataset"].get("sha256"))))
        rows += [(package, version) for package, version in card["versions"].items()]
    return rows


def in_words(change: dict[str, Any]) -> str:
    """A change that somebody made, in words."""
    match change["what"]:
        case "learning rate":
            return _("Learning rate set to {rate:g}", rate=change["value"])
        case "more epochs":
            return ngettext("{n} more epoch", "{n} more epochs", change["epochs"])
        case "pause":
            return _("Paused")
        case "resume":
            return _("Resumed")
        case "step":
            return _("One epoch, then paused")
        case "stop":
            return _("Stopped")
    return str(change["what"])


def _hash(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
