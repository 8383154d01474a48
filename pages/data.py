"""Data: what a data set looks like, in numbers and pictures."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from digitcore import datasets
from digitcore.errors import DatasetError
from pages.parts.data import fetching
from pages.shared.tiles import captioned_tiles, tiles

SHOWN = 44  # samples at a time
KEPT = 200  # samples of each class in memory: 28 x 28 x 200 x 10 classes is 1.6 MB
PURPOSE = {
    "train": "what a network learns from",
    "validation": "chooses when to stop",
    "test": "used once, at the end",
}


@st.cache_data(max_entries=4, show_spinner="Looking through 60,000 pictures …")
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
        f"| **{part}** | `({n}, 28, 28)` | `({n},)` | {PURPOSE[part]} |"
        for part, n in zip(datasets.PARTS, (info.n_train, info.n_validation, info.n_test), strict=True)
    ]
    st.markdown("\n".join(["| Part | Images | Labels | Use |", "|---|---|---|---|", *rows]))
    st.caption(
        f"All `uint8`: a pixel is 0 (paper) to 255 (ink), a label 0 to {len(info.class_names) - 1}. "
        f"Source: {info.source}. Licence: {info.licence}."
    )


@st.fragment
def samples(info: datasets.DatasetInfo, pool: tuple[np.ndarray, ...]) -> None:
    """Samples of one class; choosing and shuffling rerun only this fragment."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.pills(
            "Class",
            range(len(info.class_names)),
            default=0,
            required=True,
            format_func=lambda k: info.class_names[k],
            wrap=True,
            key=f"class_{info.name}",
        )
        st.button("Shuffle", icon=":material/shuffle:", key="shuffle")
    images = pool[label]
    shown = np.random.default_rng().permutation(len(images))[:SHOWN]
    tiles(images[shown], f"{len(shown)} training pictures of class {info.class_names[label]}")


def distribution(info: datasets.DatasetInfo, counts: dict[str, np.ndarray]) -> None:
    """How often each class occurs, in percent, so that parts of different sizes can be compared."""
    figure = go.Figure()
    for part, n in counts.items():
        figure.add_bar(
            name=part,
            x=info.class_names,
            y=n / n.sum(),
            customdata=n,
            hovertemplate="%{x}: %{customdata:,} (%{y:.2%})",
        )
    figure.update_layout(
        barmode="group",
        height=320,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "y": 1.15, "x": 0},
        xaxis={"type": "category", "fixedrange": True},
        yaxis={"tickformat": ".0%", "fixedrange": True, "title": "share of the part"},
    )
    st.plotly_chart(figure, key="distribution", config={"displayModeBar": False}, alt="Share of each class")
    train = counts["train"]
    few, many = int(train.argmin()), int(train.argmax())
    st.caption(
        f"In training, {info.class_names[few]} is the rarest ({train[few]:,}) and "
        f"{info.class_names[many]} the most frequent ({train[many]:,})."
    )


st.title("The data", anchor=False)
st.markdown("**Try this:** choose a class and shuffle: which picture could you mistake for another class?")
chosen = st.segmented_control(
    "Data set",
    datasets.names(),
    default=datasets.names()[0],
    required=True,
    format_func=lambda name: datasets.describe(name).title,
    key="dataset",
)
info = datasets.describe(chosen)
if not datasets.is_available(chosen):
    st.info(f"{info.title} is not on this machine yet; MNIST works without it.")
    fetching.offer(info)
    st.stop()
try:
    summary, counts = glance(chosen)
except DatasetError as error:
    st.error(str(error))
    if info.fetched:
        fetching.offer(info)
    st.stop()
st.subheader("Pictures", anchor=False)
samples(info, summary.samples)
st.subheader("Mean of each class", anchor=False)
captioned_tiles(
    (summary.means * 255).round().astype(np.uint8), info.class_names, "Mean of all training pictures of"
)
st.subheader("How many of each", anchor=False)
distribution(info, counts)
st.subheader("Shapes", anchor=False)
parts(info)
