"""The Draw page, driven by AppTest, alone and through app.py, with the canvas's input as it would come."""

import base64
import io
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from benchmarks.support import driving
from digitcore import datasets, paths
from digitcore.augmentation import pen_digits
from digitcore.errors import ImageError
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import drawing, images, normalisation
from digitcore.preprocessing.strip import steps
from digitcore.reading import reader
from pages.parts.draw import samples
from pages.shared import canvas, live_network, probabilities, strip
from pages.shared.run_list import as_typed

ROOT = paths.REPOSITORY
SEVEN = [(70, 60), (205, 60), (115, 235)]
FLAG = [(60, 200), (230, 200), (230, 120)]


def png(*strokes, size=canvas.SIZE, width=18):
    """A drawing as the canvas sends it: black strokes with round ends on white, RGBA."""
    image = Image.new("RGBA", (size, size), "white")
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        pen.line(stroke, fill="black", width=width, joint="curve")
        for x, y in stroke:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill="black")
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def sent(data, strokes, load=1):
    """The component's state after a stroke: Fabric's objects and the PNG as a data URL. load: which of what
    the server gave it the canvas had loaded last."""
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    objects = [{"type": "Path", "path": [[x, y] for x, y in stroke]} for stroke in strokes]
    ground = f"rgba(255, 255, 255, {load})"
    return {"drawing": {"raw": {"objects": objects, "background": ground}, "data": url}}


def open_draw(**query):
    page = AppTest.from_file(str(ROOT / "pages" / "draw.py"), default_timeout=120)
    page.query_params.update(query)
    return page.run()


def stroke(page, *strokes, load=None):
    """Draw these strokes on the sheet as it is now, or as it was, the last one being new."""
    sheet = page.session_state["draw_sheet"]
    page.session_state[f"draw_canvas_{sheet.number}"] = sent(png(*strokes), strokes, load or sheet.load)
    return page.run()


def press(page, label):
    return next(button for button in page.button if button.label == label).click().run()


def undo_or_clear(page, label):
    """Press it, and let the canvas send what it has loaded upon that."""
    page = press(page, label)
    loaded = page.session_state["draw_sheet"].start["objects"]
    return stroke(page, *[[tuple(corner) for corner in drawn["path"]] for drawn in loaded])


def word(page):
    """What the server gives the live answer to show."""
    (shown,) = [
        element.proto
        for element in page.get("bidi_component")
        if element.proto.component_name == "digitlab_draw_answer"
    ]
    return json.loads(shown.json)["word"]


def answer(page):
    """The page's big words."""
    return "\n".join(large + small for large, small in word(page)["rows"])


def captions(page):
    return " ".join([word(page)["caption"], *(caption.value for caption in page.caption)])


def test_an_empty_canvas_is_not_guessed():
    page = open_draw()
    assert answer(page) == "Nothing drawn yet"
    assert "sure" not in captions(page)
    assert not page.image


def test_a_drawn_seven_is_read_as_seven_and_every_step_is_shown():
    page = stroke(open_draw(), SEVEN)
    assert answer(page) == "7"
    assert "% sure" in captions(page)
    reading = normalisation.read(images.decode(png(SEVEN)))
    assert len(page.image) == len(steps(reading))


def test_canvas_and_file_with_the_same_pixels_give_byte_equal_pictures(monkeypatch):
    seen = []
    find = reader.find

    def remembered(*arguments, **options):
        seen.append(find(*arguments, **options))
        return seen[-1]

    monkeypatch.setattr(reader, "find", remembered)
    assert answer(stroke(open_draw(), SEVEN)) == "7"
    file = normalisation.read(images.decode(png(SEVEN), "seven.png"))
    assert [each.picture.tobytes() for each in seen] == [file.picture.tobytes()]


def test_a_click_of_the_pen_is_called_a_dot():
    page = stroke(open_draw(), [(140, 140)])
    assert answer(page) == "No digit found"
    assert "dot" in captions(page)


def test_undo_goes_back_stroke_by_stroke_and_clear_at_once():
    page = stroke(open_draw(), SEVEN)
    one = captions(page), answer(page)
    page = press(stroke(page, SEVEN, FLAG), "Undo")
    assert (captions(page), answer(page)) == one  # before the canvas has loaded it
    assert answer(press(page, "Undo")) == "Nothing drawn yet"
    assert answer(press(page, "Undo")) == "Nothing drawn yet"
    page = stroke(undo_or_clear(page, "Clear"), SEVEN, FLAG)
    assert answer(press(page, "Clear")) == "Nothing drawn yet"


def test_undo_loads_the_older_strokes_into_the_same_canvas():
    page = press(stroke(stroke(open_draw(), SEVEN), SEVEN, FLAG), "Undo")
    sheet = page.session_state["draw_sheet"]
    assert (sheet.number, len(sheet.start["objects"])) == (0, 1)


def test_two_clears_are_two_different_loads():
    def loads(page):
        canvases = [element.proto for element in page.get("bidi_component")]
        (shown,) = [each for each in canvases if "streamlit-drawable-canvas" in each.component_name]
        return json.loads(shown.json)["initialDrawing"]

    page = undo_or_clear(stroke(open_draw(), SEVEN), "Clear")
    first = loads(page)
    second = loads(press(stroke(page, FLAG), "Clear"))
    assert first["objects"] == second["objects"] == [] and first != second


def test_undo_takes_one_of_two_strokes_that_came_at_once():
    page = undo_or_clear(stroke(open_draw(), SEVEN, FLAG), "Undo")
    alone = stroke(open_draw(), SEVEN)
    assert (captions(page), answer(page)) == (captions(alone), answer(alone))
    assert answer(press(page, "Undo")) == "Nothing drawn yet"


def test_a_stroke_over_ink_that_changes_no_pixel_is_one_to_undo():
    page = undo_or_clear(stroke(stroke(open_draw(), SEVEN), SEVEN, SEVEN), "Undo")
    assert answer(page) == "7"
    assert answer(press(page, "Undo")) == "Nothing drawn yet"


def test_what_the_canvas_sent_between_two_undos_does_not_bring_a_stroke_back():
    page = stroke(open_draw(), SEVEN, FLAG, FLAG[::-1])
    page = stroke(press(press(page, "Undo"), "Undo"), SEVEN, FLAG, load=2)
    assert len(page.session_state["draw_sheet"].start["objects"]) == 1
    assert answer(press(page, "Undo")) == "Nothing drawn yet"


def test_a_stroke_drawn_again_after_clear_counts():
    page = undo_or_clear(stroke(open_draw(), SEVEN), "Clear")
    assert answer(page) == "Nothing drawn yet"
    assert answer(stroke(page, SEVEN)) == "7"


def test_the_same_stroke_drawn_again_counts_though_the_empty_paper_was_never_heard_of():
    # On a busy server, what the canvas sends in quick succession arrives as the last of it.
    page = press(stroke(open_draw(), SEVEN), "Clear")
    assert answer(page) == "Nothing drawn yet"
    assert answer(stroke(page, SEVEN)) == "7"


@pytest.mark.parametrize("raw", [None, [], {"objects": 3}])
def test_strokes_that_are_none_are_refused_in_a_sentence(raw):
    page = open_draw()
    state = sent(png(SEVEN), [SEVEN])
    state["drawing"]["raw"] = raw
    page.session_state["draw_canvas_0"] = state
    assert answer(page.run()) == "No digit found"


def test_the_undo_history_is_bounded():
    page = open_draw()
    for i in range(canvas.HISTORY + 3):
        page = stroke(page, *[[(40 + 5 * j, 60), (40 + 5 * j, 200)] for j in range(i + 1)])
    assert len(page.session_state["draw_sheet"].states) == canvas.HISTORY


@pytest.mark.parametrize(
    "data",
    [png(SEVEN, size=281), b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(40), png(SEVEN)[:60]],
    ids=["another size", "cut in the header", "another format", "cut in the pixels"],
)
def test_a_drawing_that_is_no_png_of_ours_is_refused_in_a_sentence(data):
    page = open_draw()
    page.session_state["draw_canvas_0"] = sent(data, [SEVEN])
    assert answer(page.run()) == "No digit found"
    assert not page.image


def test_an_endless_scribble_is_refused_before_it_fills_the_memory():
    page = stroke(open_draw(), SEVEN)
    endless = sent(png(SEVEN, FLAG), [SEVEN])
    endless["drawing"]["raw"]["objects"][0]["path"] = [["L", 10.5, 10.5]] * 60_000
    page.session_state["draw_canvas_0"] = endless
    assert answer(page.run()) == "No digit found"
    assert "Clear" in captions(page)
    assert len(page.session_state["draw_sheet"].states) == 1


def test_a_drawing_that_is_no_data_url_is_refused():
    class Sent:
        @property
        def image_bytes(self):
            raise ValueError("not enough values to unpack")

    with pytest.raises(ImageError, match="280x280 PNG"):
        canvas._checked(canvas.Sheet(), Sent())


def test_the_drawing_and_the_pen_survive_a_change_of_pages():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.slider[0].set_value(30).run()
    app = stroke(app, SEVEN)
    before = captions(app)
    app = app.switch_page("pages/data.py").run()
    app = app.switch_page("pages/draw.py").run()
    assert answer(app) == "7"
    assert captions(app) == before
    assert app.slider[0].value == 30
    sheet = app.session_state["draw_sheet"]
    assert (sheet.number, len(sheet.start["objects"])) == (1, 1)


def test_two_visitors_draw_on_two_sheets():
    mine, yours = stroke(open_draw(), SEVEN), open_draw()
    assert answer(mine) == "7"
    assert answer(yours) == "Nothing drawn yet"


def test_the_picker_names_the_networks_and_the_misses_of_the_chosen_one():
    page = open_draw()
    card = model_store.card(model_store.shipped()[0])
    assert f"{card['test']['misses']:,} misses" in captions(page)
    assert len(page.selectbox[0].options) == len(model_store.shipped())


def test_small_steps_are_enlarged_by_whole_pixels_and_framed():
    picture = np.zeros((28, 28), np.float32)
    picture[10, 12] = 1.0
    shown = strip.enlarged(picture)
    assert shown.shape == (224, 224)
    assert (shown[80:88, 96:104] == 255).all()
    assert (shown[2:-2, 2:-2] == 255).sum() == 64
    assert (shown[0] == strip.FRAME).all()


def test_large_steps_are_reduced_to_the_same_square_with_their_proportions():
    page = np.full((400, 800, 3), 250, np.uint8)
    page[100:300, 200:600] = 10
    shown = strip.enlarged(page)
    assert shown.shape == (224, 224, 3)
    assert (shown[5] == [250, 250, 250])[2:-2].all()
    assert (shown[112, 112] == 10).all()


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_a_packed_picture_has_its_pixels_and_colours(shape):
    picture = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(strip.packed(picture)))), picture)


def test_the_bars_have_one_chart_made_once_and_data_of_their_own_at_each_stroke():
    chart = probabilities._chart(("a", "b"))
    assert chart is probabilities._chart(("a", "b"))
    assert '"data"' not in json.dumps(chart)  # Vega takes what is sent beside it
    table = probabilities.table(np.float32([0.25, 0.75]), ("a", "b")).to_pydict()
    assert table == {
        "class": ["a", "b"],
        "probability": [0.25, 0.75],
        "text": ["25.0%", "75.0%"],
        "leads": [False, True],
    }


@pytest.mark.parametrize("model", ["\0", "../../app", "x" * 5000, "run:../../models", "run:\0"])
def test_a_made_up_network_in_the_address_gives_way_to_the_default(model):
    page = open_draw(model=model)
    assert "no longer here" in page.warning[0].value


def scaled(strokes, left, top, size):
    return [[(left + size * x, top + size * y) for x, y in stroke] for stroke in strokes]


NUMBER = [
    stroke
    for place, digit in enumerate((1, 7, 4))
    for stroke in scaled(driving.STROKES[digit], 5 + 80 * place, 100, 0.36)
]


def toggle(page, step):
    """A switch of the strip; it is a new one whenever all are put back."""
    return next(each for each in page.toggle if each.key.startswith(f"draw_step_{step}_"))


def test_a_number_is_the_title_and_each_digit_has_its_confidence_and_its_bars():
    page = open_draw()
    page.session_state["draw_canvas_0"] = sent(png(*NUMBER, width=12), NUMBER)
    assert answer(page.run()) == "174"
    assert "3 digits" in captions(page)
    assert [option[0] for option in page.pills[0].options] == ["1", "7", "4"]
    seven = page.pills[0].set_value(1).run()
    assert "**7**" in status(seven)


def status(page):
    return next(text.value for text in page.markdown if re.search("It (now )?reads", text.value))


def test_a_step_switched_off_is_said_and_put_back_by_one_click():
    page = stroke(open_draw(), SEVEN)
    right = status(page)
    page = toggle(page, "ink").set_value(False).run()
    assert "switched off" in status(page) and "with every step on, **7**" in status(page)
    assert "switched off" in captions(page)
    old = toggle(page, "ink").key
    page = press(page, "All on")
    assert status(page) == right
    # Not the old one with a new value: a browser that misses the message would send "off" again.
    assert toggle(page, "ink").value and toggle(page, "ink").key != old
    assert toggle(page, "ink").proto.default


def test_the_answer_above_is_the_one_without_the_step():
    page = toggle(stroke(open_draw(), SEVEN), "ink").set_value(False).run()
    picture = normalisation.read(images.decode(png(SEVEN)), without=("ink",)).picture
    network = model_store.load(model_store.shipped()[0])
    answers = network.answer(picture[np.newaxis])
    assert network.verdict(answers.probabilities[0], answers.digitness[0]).text in answer(page)


def test_clear_puts_every_step_back_and_so_does_a_change_of_pages():
    page = toggle(stroke(open_draw(), SEVEN), "box").set_value(False).run()
    page = stroke(undo_or_clear(page, "Clear"), SEVEN)
    assert toggle(page, "box").value
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app = toggle(stroke(app, SEVEN), "box").set_value(False).run()
    app = app.switch_page("pages/data.py").run().switch_page("pages/draw.py").run()
    assert toggle(app, "box").value
    assert "switched off" not in captions(app)


def test_the_wide_paper_is_another_sheet_and_keeps_what_was_drawn_on_the_square_one():
    page = stroke(open_draw(), SEVEN)
    page = page.toggle(key="draw_paper").set_value(True).run()
    assert answer(page) == "Nothing drawn yet"
    wide = scaled(driving.STROKES[1], 400, 0, 1)
    data = Image.new("RGB", (canvas.WIDE, canvas.SIZE), "white")
    data.paste(Image.open(io.BytesIO(png(*driving.STROKES[1]))), (300, 0))
    file = io.BytesIO()
    data.save(file, "PNG")
    page.session_state["draw_wide_canvas_0"] = sent(file.getvalue(), wide)
    assert answer(page.run()) == "1"
    assert answer(page.toggle(key="draw_paper").set_value(False).run()) == "7"


def test_what_is_no_digit_gets_words_and_no_figure(monkeypatch):
    verdict = model_store.Classifier.verdict
    monkeypatch.setattr(
        model_store.Classifier, "verdict", lambda network, p, digitness=0: verdict(network, p, -1.0)
    )
    page = stroke(open_draw(), SEVEN)
    assert answer(page) == "This does not look like a digit"
    assert "sure" not in captions(page)


def test_a_network_of_clothes_is_not_asked_for_digits(tmp_path, monkeypatch):
    name = model_store.shipped()[0]
    clothes = datasets.describe("fashion-mnist").class_names
    shutil.copy(paths.MODELS / f"{name}.tflite", tmp_path)
    card = model_store.card(name) | {"class_names": clothes}
    (tmp_path / f"{name}.json").write_text(json.dumps(card))
    monkeypatch.setattr(paths, "MODELS", tmp_path)
    page = open_draw()
    assert page.title[0].value == "Draw a picture"
    assert as_typed(clothes[0]) in page.markdown[0].value
    assert stroke(page, SEVEN).title[1].value == f":primary[{clothes[7]}]"
    assert not [toggle for toggle in page.toggle if toggle.label.startswith("Wide paper")]


def test_the_wide_paper_is_put_away_for_a_network_that_reads_no_number(monkeypatch):
    page = wide_paper(open_draw()).set_value(True).run()
    monkeypatch.setattr(Classifier, "reads_digits", property(lambda network: False))
    assert page.run().title[0].value == "Draw a picture" and not page.session_state["wide_paper"]
    monkeypatch.undo()
    assert wide_paper(page.run()).value is False


def wide_paper(page):
    return next(toggle for toggle in page.toggle if toggle.label.startswith("Wide paper"))


def test_names_of_classes_are_shown_as_they_are_whatever_markdown_makes_of_them(tmp_path, monkeypatch):
    name = model_store.shipped()[0]
    names = [*"*_`$#[]", "**+**", ":a:", "="]
    shutil.copy(paths.MODELS / f"{name}.tflite", tmp_path)
    card = model_store.card(name) | {"class_names": names}
    (tmp_path / f"{name}.json").write_text(json.dumps(card))
    monkeypatch.setattr(paths, "MODELS", tmp_path)
    monkeypatch.setattr(live_network, "address", lambda choice: None)
    page = open_draw()
    assert r"\*, \_, \`, \$, \#, \[, \], \*\*\+\*\*" in page.markdown[0].value
    assert stroke(page, SEVEN).title[1].value == r":primary[\*\*\+\*\*]"


def test_without_the_network_in_the_browser_title_and_chart_say_the_same(monkeypatch):
    live = stroke(open_draw(), SEVEN)
    monkeypatch.setattr(live_network, "address", lambda choice: None)
    page = stroke(open_draw(), SEVEN)
    assert page.title[1].value == f":primary[{answer(live)}]"
    assert word(live)["caption"] in [caption.value for caption in page.caption]
    assert page.get("vega_lite_chart") and not live.get("vega_lite_chart")


@pytest.mark.parametrize("label", range(10))
def test_each_sample_is_read_as_its_digit_in_each_way_of_writing_it(label):
    network = model_store.load()
    ways = [samples.strokes(label, way) for way in range(len(pen_digits.ways(label)))]
    drawn = [drawing.rendered([stroke.tolist() for stroke in strokes]) for strokes in ways]
    verdicts = [[digit.verdict for digit in reader.read(grey, network)] for grey in drawn]
    assert all(len(found) == 1 and found[0].accepted and found[0].label == label for found in verdicts)
