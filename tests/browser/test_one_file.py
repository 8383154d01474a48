"""One HTML file reads drawings in Chromium, opened from disk, and nothing else is asked for."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from benchmarks.one_file import LIMITS
from benchmarks.support import driving
from digitcore import datasets
from digitcore.__main__ import main
from digitcore.browser import one_file, weights
from digitcore.evaluation import other_runtimes, published
from digitcore.networks import model_store
from digitcore.preprocessing.levels import scaled

PRECISION = one_file.PRECISION


@pytest.fixture(scope="module")
def nano(tmp_path_factory):
    path = tmp_path_factory.mktemp("home") / "nano.html"
    assert main(["export", "digitnet-nano", "--html", "--output", str(path)]) == 0
    return path


def draw(page, digit):
    """With the mouse, wherever the paper is and whatever its size."""
    box = page.locator("#paper").bounding_box()
    scale = box["width"] / 280
    for first, *corners in driving.STROKES[digit]:
        page.mouse.move(box["x"] + first[0] * scale, box["y"] + first[1] * scale)
        page.mouse.down()
        for x, y in corners:
            page.mouse.move(box["x"] + x * scale, box["y"] + y * scale, steps=8)
        page.mouse.up()


BRIGHT = """() => [...document.querySelectorAll("#layers canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return data.filter((value, i) => i % 4 === 0 && value > 128).length
})"""


def test_it_reads_a_drawing_from_disk_and_shows_each_layer(page, nano):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(nano.as_uri())
    word = page.locator("#word")
    expect(word).to_have_text("–")
    draw(page, 7)
    expect(word).to_have_text("7")
    expect(page.locator("#sureness")).to_have_text(re.compile(r"9\d\.\d% sure|over 99.9% sure"))
    figures = page.locator("#layers figcaption")
    expect(figures).to_have_count(5)  # the picture, three convolutions, pooling; the answer is the bars
    expect(figures.nth(2)).to_have_text("Conv2D 18, 3×3, relu 18 maps of 14×14")
    assert min(page.evaluate(BRIGHT)) > 0
    page.get_by_role("button", name="Clear").click()
    expect(word).to_have_text("–")
    draw(page, 1)
    expect(word).to_have_text("1")
    draw(page, 7)
    page.get_by_role("button", name="Undo").click()
    expect(word).to_have_text("1")
    assert asked == [nano.as_uri()], "nothing else is fetched"


def test_the_answer_comes_while_the_pen_is_down(page, nano):
    page.goto(nano.as_uri())
    box = page.locator("#paper").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 30, steps=10)
    expect(page.locator("#word")).to_have_text("1")
    page.mouse.up()


def test_what_a_second_finger_clears_or_takes_back_does_not_go_on_under_the_first(page, nano):
    page.goto(nano.as_uri())
    draw(page, 1)
    box = page.locator("#paper").bounding_box()
    word = page.locator("#word")
    for button, left in (("undo", "1"), ("clear", "–")):
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 40, box["y"] + 20, steps=3)
        page.evaluate("(name) => document.getElementById(name).click()", button)
        page.mouse.move(box["x"] + 250, box["y"] + 250, steps=5)
        page.mouse.up()
        expect(word).to_have_text(left)
        assert not page.evaluate(INKED, [200, 200]), "the rest of a stroke that is gone leaves no ink"


INKED = """([x, y]) => {
  const paper = document.getElementById("paper").getContext("2d")
  return paper.getImageData(x, y, 1, 1).data[3] > 0
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_a_finger_draws(visitor, nano, scheme):
    context = visitor(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(nano.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator("#paper").bounding_box()
    assert box["width"] > 340, "as wide as the phone"
    assert box["y"] + box["height"] < 844, "seen without scrolling"
    assert page.locator("#word").evaluate("(word) => parseFloat(getComputedStyle(word).fontSize)") >= 96
    finger = context.new_cdp_session(page)

    def touch(kind, *points):
        at = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (178, 40))
    for y in range(60, 320, 20):
        touch("touchMove", (178, y))
    touch("touchEnd")
    expect(page.locator("#word")).to_have_text("1")
    assert page.evaluate("window.scrollY") == 0, "drawing does not move the page"


def test_what_is_no_digit_gets_no_answer(page, tmp_path):
    path = tmp_path / "digitnet.html"
    assert main(["export", "digitnet", "--html", "--output", str(path)]) == 0
    page.goto(path.as_uri())
    box = page.locator("#paper").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for i in range(1, 12):  # a scribble to and fro
        page.mouse.move(box["x"] + (20 if i % 2 == 0 else 260), box["y"] + 60 + 14 * i, steps=4)
    page.mouse.up()
    expect(page.locator("#word")).to_have_text("This does not look like a digit")
    expect(page.locator("#sureness")).to_have_text("")


@pytest.mark.parametrize("name", LIMITS)
def test_it_is_as_small_as_it_should_be(name):
    packed = weights.of_model(name, PRECISION)
    assert len(one_file.page(packed, PRECISION, model_store.card(name)).encode()) <= LIMITS[name]


@pytest.mark.parametrize("name", model_store.shipped())
def test_the_receipt_of_a_shipped_model_was_counted_with_the_very_weights_of_its_file(name):
    packed = weights.of_model(name, PRECISION)
    row = published.counted_in_a_browser(one_file.fingerprint(packed))
    assert row, "out of date: python -m benchmarks.one_file"
    lines = one_file.receipt(PRECISION, model_store.card(name), row)
    assert f"{row['misses']:,} misses of 10,000: counted in Chromium with these weights." in lines[1]
    assert lines[1] in one_file.page(packed, PRECISION, model_store.card(name), row).replace("&#x27;", "'")


def test_without_a_count_the_receipt_says_what_the_card_does(capsys, tmp_path):
    path = tmp_path / "a.html"
    assert main(["export", "digitnet-nano", "--html", "--precision", "int8", "--output", str(path)]) == 0
    said = capsys.readouterr().out
    assert "weights of 8 bits" in said and "counted on the server" in said
    assert path.read_text(encoding="utf-8").count("counted on the server") == 1


def test_a_title_with_angle_brackets_stays_text(tmp_path):
    card = model_store.card("digitnet-nano") | {"title": "<b>mine</b>"}
    text = one_file.page(weights.of_model("digitnet-nano", PRECISION), PRECISION, card)
    assert "<b>mine" not in text and "&lt;b&gt;mine" in text


def test_buttons_give_the_same_file_and_an_onnx_that_answers_as_the_server_does(page, app_url):
    driving.open_page(page, app_url, "How well does it read?")
    page.get_by_text("Take a network home").click()
    button = page.get_by_role("button", name="One HTML file")
    button.wait_for()
    driving.stand_still(page)
    driving.settle(page)  # a run that ends after the click would leave nobody to make the file
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "digitnet.html"
    packed = weights.of_model("digitnet", PRECISION)
    counted = published.counted_in_a_browser(one_file.fingerprint(packed))
    expected = one_file.page(packed, PRECISION, model_store.card("digitnet"), counted)
    assert download.value.path().read_text("utf-8") == expected
    with page.expect_download() as download:
        page.get_by_role("button", name=".onnx").click()
    assert download.value.suggested_filename == "digitnet.onnx"
    card = model_store.card("digitnet")
    digits = scaled(datasets.load("mnist", "validation")[0][:20])
    probabilities = other_runtimes.OnnxClassifier(download.value.path(), card).outputs(digits)
    assert np.abs(probabilities - model_store.load("digitnet").outputs(digits)).max() < 1e-5


def test_a_model_that_is_not_there_is_one_sentence(capsys, tmp_path):
    assert main(["export", "nobody", "--html", "--output", str(tmp_path / "a.html")]) == 1
    assert "There is no model 'nobody'" in capsys.readouterr().err
    assert not (tmp_path / "a.html").exists()
