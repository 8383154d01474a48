"""The run card: what was asked for, from what, with what, who stepped in, and the command that repeats it."""

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
    """Of a run with its result's card, or of one that has none yet."""
    settings = run.settings
    st.code(card["recipe"] if card else cards.command(settings), language="bash", wrap_lines=True)
    if history.interventions:
        st.caption("This command repeats the plan, not what was changed on the way:")
        # A table without tools, which on a phone would lie over its only row.
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
            alt="What people did to the run while it learnt",
        )
    else:
        st.caption("This command repeats it; nobody has changed anything on the way.")
    st.dataframe(
        pd.DataFrame(facts(run, settings, card), columns=["What", "Value"]),
        hide_index=True,
        height="content",
        alt="Seed, data, versions and date of the run",
    )
    st.caption(f"Settings; those marked differ from {settings.architecture}'s own recipe.")
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
        ("Asked for", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(run.created))),
        ("Seed", str(settings.seed)),
        ("Data", f"{data}, {settings.n_train:,} training pictures"),
    ]
    if card:
        rows.append(("Data, SHA-256", _hash(card["dataset"].get("sha256"))))
        rows += [(package, version) for package, version in card["versions"].items()]
    return rows


def told(change: dict[str, Any]) -> str:
    """An intervention in words."""
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
