"""The Draw page as digit projects usually have it: TensorFlow in the server, `model.predict` after each
stroke.

streamlit run benchmarks/support/tensorflow_draw_page.py

Only for benchmarks/startup_and_memory.py to compare with: the same network, canvas and preparation.
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas
from tensorflow import keras

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))  # Streamlit puts the script's own folder there

from digitcore.errors import BlankError  # noqa: E402
from digitcore.preprocessing import images, normalisation  # noqa: E402


@st.cache_resource
def load_model() -> keras.Model:
    return keras.models.load_model(REPOSITORY / "models" / "simple-cnn.keras")


@st.fragment
def desk() -> None:
    sheet = st.session_state.setdefault("sheet", 0)
    drawing = st_canvas(
        stroke_width=18,
        stroke_color="#000000",
        background_color="#FFFFFF",
        height=280,
        width=280,
        return_image_data=True,
        key=f"canvas_{sheet}",
    )
    st.button("Clear", on_click=lambda: st.session_state.update(sheet=sheet + 1))
    text = "Nothing drawn yet"
    probabilities = np.zeros(10, np.float32)
    if drawing.image_bytes and drawing.json_data["objects"]:
        try:
            picture = normalisation.read(images.decode(drawing.image_bytes)).picture
            probabilities = load_model().predict(picture[None, ..., None], verbose=0)[0]
            text = str(probabilities.argmax())
        except BlankError as error:
            text = str(error)
    with st.container(key="answer"):
        st.title(text, anchor=False)
    st.bar_chart(probabilities)


st.title("Draw a digit", anchor=False)
desk()
