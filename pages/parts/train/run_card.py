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


def show(run: Run, card: dict[str, Any] | None, history: History) -> None:
    """The run card, with the result's card if there is one yet."""
    settings = run.settings
    st.code(card["recipe"] if card else cards.command(settings), language="bash", wrap_lines=True)
    if history.interventions:
        st.caption("This command repeats the plan, without the changes made on the way:")
        # A table without a toolbar, which on a phone would cover its only row.
        st.table(
            pd.DataFrame(
                {
                    "Epoch": [change.get("epoch") for change in history.interventions],
                    "Batch": [change.get("step") for change in history.interventions],
                    "What": [told(change) for change in history.interventions],
                }
            ),
            hide_index=True,
            border="horizontal",
            alt="Changes people made to the run while it learnt",
        )
    else:
        st.caption("This command repeats the run; nothing was changed on the way.")
    st.dataframe(
        pd.DataFrame(facts(run, settings, card), columns=["What", "Value"]),
        hide_index=True,
        height="content",
        alt="Seed, data, versions and date of the run",
    )
    st.caption(f"Settings; the marked ones differ from {settings.architecture}'s own recipe.")
    recipe = Settings.for_architecture(settings.architecture).to_dict()
    values = settings.to_dict()
    st.table(
        pd.DataFrame(
            {
                "Setting": [name.replace("_", " ") for name in values],
                "Value": [str(value) for value in values.values()],
                "Differs": ["●" if value != recipe[name] else "" for name, value in values.items()],
            }
        ),
        hide_index=True,
        border="horizontal",
        alt="All settings of the run",
    )


def facts(run: Run, settings: Settings, card: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Rows for the table, as text."""
    data = datasets.describe(settings.dataset).title
    rows = [
        ("Requested", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(run.created))),
        ("Seed", str(settings.seed)),
        ("Data", f"{data}, {settings.n_train:,} training pictures"),
    ]
    if card:
        rows.append(("Data, SHA-256", _hash(card["dataset"].get("sha256"))))
        rows += [(package, version) for package, version in card["versions"].items()]
    return rows


def told(change: dict[str, Any]) -> str:
    """A change that somebody made, in words."""
    match change["what"]:
        case "learning rate":
            return f"Learning rate set to {change['value']:g}"
        case "more epochs":
            return f"{change['epochs']} more epochs"
        case "pause":
            return "Paused"
        case "resume":
            return "Resumed"
        case "step":
            return "One epoch, then paused"
        case "stop":
            return "Stopped"
    return str(change["what"])


def _hash(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
