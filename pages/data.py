"""Data: what a data set looks like, in numbers and pictures."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from digitcore import datasets
from digitcore.errors import DatasetError
from pages.parts.data import fetching, own_sets
from pages.shared import data_sets, language, made_sets
from pages.shared.language import N_, _, told
from pages.shared.run_list import as_typed
from pages.shared.tiles import captioned_tiles, tiles

SHOWN = 44  # samples at a time
KEPT = 200  # samples of each class in memory: 28 x 28 x 200 x 10 classes is 1.6 MB
PART_NAMES = {"train": N_("train"), "validation": N_("validation"), "test": N_("test")}
PURPOSE = {
    "train": N_("what a network learns from"),
    "validation": N_("chooses when to stop"),
    "test": N_("used once, at the end"),
}


@st.cache_data(max_entries=4, show_spinner=False)
def glance(name: str) -> tuple[datasets.Summary, dict[str, np.ndarray]]:
    """Mean images and samples of the training part, and each part's label counts; a few MB, loaded once per
    server."""
    n_classes = len(datasets.describe(name).class_names)
    counts = {
        part: np.bincount(datasets.load_labels(name, part), minlength=n_classes) for part in datasets.PARTS
    }
    # Only training pictures are shown: anyone who has seen the test digits might choose by them.
    return datasets.summarise(name, "train", per_class=KEPT), counts


def parts(info: datasets.DatasetInfo) -> None:
    """The three parts' shapes."""
    rows = [
        # What it is for stands below its name: a column more would not fit on a phone.
        f"| **{_(PART_NAMES[part])}** :small[{_(PURPOSE[part])}] | `({n}, 28, 28)` | `({n},)` |"
        for part, n in zip(datasets.PARTS, (info.n_train, info.n_validation, info.n_test), strict=True)
    ]
    st.markdown("\n".join([_("| Part | Images | Labels |"), "|---|---|---|", *rows]))
    st.caption(
        _(
            "All `uint8`: a pixel is 0 (paper) to 255 (ink), a label 0 to {last}. Source: {source}. "
            "Licence: {licence}.",
            last=len(info.class_names) - 1,
            source=as_typed(info.source) if info.own else told(info.source),
            licence=told(info.licence),
        )
    )
    if info.own:
        own_sets.facts(info.name)


@st.fragment
def samples(info: datasets.DatasetInfo, pool: tuple[np.ndarray, ...]) -> None:
    """Samples of one class; choosing and shuffling rerun only this fragment."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.pills(
            _("Class"),
            range(len(info.class_names)),
            default=0,
            required=True,
            format_func=lambda k: as_typed(info.class_names[k]),
            wrap=True,
            key=f"class_{info.name}",
        )
        st.button(_("Shuffle"), icon=":material/shuffle:", key="shuffle")
    images = pool[label]
    shown = np.random.default_rng().permutation(len(images))[:SHOWN]
    tiles(
        images[shown],
        _(
            "{n} training pictures of class {name}",
            n=len(shown),
            name=info.class_names[label],
        ),
    )


def distribution(info: datasets.DatasetInfo, counts: dict[str, np.ndarray]) -> None:
    """How often each class occurs, in percent, so that parts of different sizes can be compared."""
    figure, sign = go.Figure(), language.percent_sign()
    for part, n in counts.items():
        figure.add_bar(
            name=_(PART_NAMES[part]),
            x=info.class_names,
            y=100 * n / n.sum(),
            customdata=n,
            hovertemplate=f"%{{x}}: %{{customdata:,}} (%{{y:.2f}}{sign})",
        )
    figure.update_layout(
        barmode="group",
        height=320,
        separators=language.plotly_separators(),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "y": 1.15, "x": 0},
        xaxis={"type": "category", "fixedrange": True},
        yaxis={"tickformat": ".0f", "ticksuffix": sign, "fixedrange": True, "title": _("share of the part")},
    )
    st.plotly_chart(
        figure, key="distribution", config={"displayModeBar": False}, alt=_("Share of each class")
    )
    train = counts["train"]
    few, many = int(train.argmin()), int(train.argmax())
    st.caption(
        _(
            "In training, {rarest} is the rarest ({few:,}) and {commonest} the most frequent ({many:,}).",
            rarest=as_typed(info.class_names[few]),
            few=train[few],
            commonest=as_typed(info.class_names[many]),
            many=train[many],
        )
    )


st.title(_("The data"), anchor=False)
st.markdown(_("**Try this:** choose a class and shuffle: which picture could you mistake for another class?"))
titles = data_sets.choices()
if made := made_sets.chosen_last():
    st.session_state["dataset"] = made
elif st.session_state.get("dataset") not in titles:
    st.session_state["dataset"] = next(iter(titles))
chosen = st.segmented_control(
    _("Data set"), list(titles), required=True, format_func=titles.get, wrap=True, key="dataset"
)
own_sets.section()
info = datasets.describe(chosen)
if not datasets.is_available(chosen):
    st.info(_("{title} is not on this machine yet; MNIST works without it.", title=info.title))
    fetching.offer(info)
    st.stop()
try:
    with st.spinner(_("Looking through 60,000 pictures …")):
        summary, counts = glance(chosen)
except DatasetError as error:
    st.error(told(error))
    if info.fetched:
        fetching.offer(info)
    st.stop()
st.subheader(_("Pictures"), anchor=False)
samples(info, summary.samples)
st.subheader(_("Mean of each class"), anchor=False)
captioned_tiles(
    (summary.means * 255).round().astype(np.uint8), info.class_names, _("Mean of all training pictures of")
)
st.subheader(_("How many of each"), anchor=False)
distribution(info, counts)
st.subheader(_("Shapes"), anchor=False)
parts(info)
