"""The Upload page as a visitor uses it, alone and through the router."""

import csv
import io
import json
import shutil
import zipfile

import cv2
import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from digitcore import datasets, paths
from digitcore.networks import model_store
from digitcore.preprocessing import archives
from digitcore.reading import reader
from pages.shared import spoken

PAGE = "pages/upload.py"
NAMES = "abcdefghij"


@pytest.fixture(autouse=True)
def two_networks(tmp_path, monkeypatch):
    """A shipped network under two names; the second one calls its classes a to j."""
    source = model_store.shipped()[0]
    card = model_store.card(source)
    for name, class_names in (("digits", card["class_names"]), ("letters", list(NAMES))):
        file = shutil.copy(paths.MODELS / f"{source}.tflite", tmp_path / f"{name}.tflite")
        files = {f"{name}.tflite": {"sha256": model_store.file_sha256(file)}}
        copy = card | {"name": name, "title": name, "class_names": class_names, "files": files}
        (tmp_path / f"{name}.json").write_text(json.dumps(copy))
    for other in (paths.MODELS / "line-reader", paths.MODELS / "character-kinds"):
        shutil.copytree(other, tmp_path / other.name, ignore=shutil.ignore_patterns("*.keras"))
    monkeypatch.setattr(paths, "MODELS", tmp_path)
    monkeypatch.setattr(model_store, "DEFAULT_MODEL", "digits")


@pytest.fixture
def visitor():
    return AppTest.from_file(str(paths.REPOSITORY / PAGE), default_timeout=120).run()


@pytest.fixture(scope="module")
def pictures():
    """Twelve validation digits as PNG files with white paper around them."""
    digits, labels = datasets.load("mnist", "validation")
    found = []
    for digit, label in zip(digits[:12], labels, strict=False):
        page = np.full((200, 200), 255, np.uint8)
        page[40:152, 40:152] = 255 - cv2.resize(digit, (112, 112), interpolation=cv2.INTER_CUBIC)
        name = f"{len(found)} is {label}.png"
        found.append((name, cv2.imencode(".png", page)[1].tobytes(), "image/png"))
    return found


def send(at, files):
    at.file_uploader[0].set_value(files).run()
    return at


def kept(at):
    return at.session_state["upload_results"].items


def texts(at):
    return [element.value for element in at.text]


def line(at):
    return next(element.value for element in at.markdown if "read**" in element.value)


def test_it_opens_with_the_limits_and_no_camera_running(visitor):
    assert "200 files" in visitor.file_uploader[0].label
    assert "1,000" in visitor.file_uploader[0].label
    assert not visitor.camera_input
    assert visitor.selectbox(key="upload_network").value == "digits"


def test_good_files_are_read_and_bad_ones_say_why(visitor, pictures):
    bad = [
        ("text.png", b"hello", "image/png"),
        ("cut.png", pictures[0][1][:200], "image/png"),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "image/heic"),
        ("empty.png", b"", "image/png"),
    ]
    at = send(visitor, pictures + bad)
    assert line(at).startswith("**12 read**, 4 not read.")
    assert [item.name for item in kept(at)] == [name for name, *_ in pictures + bad]
    for expected in ("not a picture", "cut off", "HEIC", "0 bytes"):
        assert any(expected in text for text in texts(at))


def test_where_nothing_was_read_nobody_is_asked_for_the_right_answer(visitor):
    at = send(visitor, [("text.png", b"hello", "image/png")])
    assert line(at) == "**0 read**, 1 not read."


def test_the_answer_to_a_single_file_stands_at_the_top_and_is_read_out(visitor, pictures, monkeypatch):
    said = []
    monkeypatch.setattr(spoken, "_region", lambda data, **where: said.append(data["said"]))
    at = send(visitor, pictures)
    assert not at.subheader and not said  # of several there is the gallery
    name, *_ = pictures[0]
    at = send(at, [pictures[0]])
    item = kept(at)[-1]
    answer = at.session_state["upload_results"].text(item)
    assert at.subheader[0].value.startswith(f"**{answer}**") and said[-1] == f"{name}: {answer}"
    at = send(at, [("text.png", b"hello", "image/png")])
    assert at.subheader[0].value == "Not read" and "not a picture" in said[-1]


def test_uploads_are_let_go_and_results_stay(visitor, pictures, monkeypatch):
    left = []
    remove = MemoryUploadedFileManager.remove_file

    def counted(manager, *which):
        remove(manager, *which)
        left.append(len(manager.file_storage[which[0]]))

    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", counted)
    at = send(visitor, pictures[:2])
    assert at.file_uploader[0].value == []
    assert left == [1, 0]
    send(at, pictures[2:3])
    assert len(kept(at)) == 3


def test_least_sure_comes_first_in_the_gallery(visitor, pictures):
    at = send(visitor, pictures)
    shown = [text for text in texts(at) if text.endswith(".png")]
    by_confidence = sorted(kept(at), key=lambda item: item.verdict.confidence)
    assert shown == [item.name for item in by_confidence]
    at.selectbox(key=order_key(at)).set_value("As uploaded").run()
    assert [text for text in texts(at) if text.endswith(".png")] == [name for name, *_ in pictures]


def order_key(at):
    return next(box.key for box in at.selectbox if box.label == "Order")


def test_a_correction_counts_in_the_line_and_in_the_download(visitor, pictures):
    at = send(visitor, pictures)
    answer = kept(at)[4].verdict.label
    wrong = str((answer + 1) % 10)
    at.selectbox(key="truth_5").set_value(wrong).run()
    assert "11 of 12 right, 1 miss (91.7%)" in line(at)
    assert "if the 11 others are right" in line(at)
    button(at, "All others are right").click().run()
    assert "others" not in line(at)
    rows = list(csv.DictReader(io.StringIO(at.session_state["upload_results"].csv(), newline="")))
    assert (rows[4]["true"], rows[4]["right"]) == (wrong, "no")
    assert [row["right"] for row in rows].count("yes") == 11


def button(at, label):
    return next(each for each in at.button if each.label == label)


def test_changing_the_network_reads_the_kept_pictures_again(visitor, pictures):
    at = send(visitor, pictures[:3])
    at.selectbox(key="truth_1").set_value(str(kept(at)[0].verdict.label)).run()
    before = [item.verdict.label for item in kept(at)]
    at.selectbox(key="upload_network").set_value("letters").run()
    results = at.session_state["upload_results"]
    assert [results.answer(item) for item in results.items] == [NAMES[label] for label in before]
    assert kept(at)[0].truth == str(before[0]), "what a person said stays"
    at.selectbox(key="upload_network").set_value("digits").run()
    assert results.is_right(results.items[0])


def test_a_zip_is_read_with_names_that_tell_files_apart(visitor, pictures):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/7.png", pictures[0][1])
        archive.writestr("b/7.png", pictures[1][1])
        archive.writestr("__MACOSX/a/._7.png", b"junk")
        archive.writestr("notes.txt", b"notes")
    at = send(visitor, [("class.zip", out.getvalue(), "application/zip"), pictures[2]])
    assert line(at).startswith("**3 read**, 1 not read.")
    assert {"a/7.png", "b/7.png", "notes.txt", pictures[2][0]} <= set(texts(at))


def test_what_is_left_out_of_a_zip_is_said_in_sight(visitor, pictures, monkeypatch):
    monkeypatch.setattr(archives, "MAX_FILES", 2)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.png", pictures[0][1])
    at = send(visitor, [("many.zip", out.getvalue(), "application/zip")])
    said = "At most 2 files of a zip are read: its last 3 files were left out."
    assert at.warning[0].value.strip() == said


def test_a_broken_zip_is_a_row_that_says_so(visitor):
    at = send(visitor, [("class.zip", b"PK\3\4 and nothing more", "application/zip")])
    assert line(at).startswith("**0 read**, 1 not read.")
    assert any("damaged or cut off" in text for text in texts(at))


def test_more_loose_files_than_the_limit_are_counted(visitor, pictures):
    at = send(visitor, pictures[:1] * 203)
    assert len(kept(at)) == 200
    assert "3 were not read" in at.warning[0].value


def test_names_are_never_markup(visitor, pictures):
    name = "**x** ![i](https://example.org/i.png) <b>b</b> $a$.png"
    at = send(visitor, [(name, pictures[0][1], "image/png"), ("**bad**.png", b"", "image/png")])
    assert "**bad**.png" in texts(at)
    formatted = [*at.markdown, *at.caption, *at.warning, *at.title]
    assert not [each.value for each in formatted if "example.org" in each.value or "bad" in each.value]


def test_the_samples_are_read(visitor):
    button(visitor, "Try samples").click().run()
    assert len(kept(visitor)) >= 5


def test_a_photo_is_read_and_the_next_may_follow(visitor, pictures):
    visitor.toggle[0].set_value(True).run()
    for _, data, _ in pictures[:2]:
        photo = cv2.imencode(".jpg", cv2.imdecode(np.frombuffer(data, np.uint8), 0))[1].tobytes()
        visitor.camera_input[0].set_value(("camera.jpg", photo, "image/jpeg")).run()
    assert [item.name for item in kept(visitor)] == ["photo 1.jpg", "photo 2.jpg"]


def test_clear_leaves_nothing(visitor, pictures):
    at = send(visitor, pictures[:1])
    button(at, "Clear").click().run()
    assert not kept(at)
    assert not texts(at)


def test_the_table_view_shows_without_error(visitor, pictures):
    at = send(visitor, [*pictures[:2], ("=1+1.png", b"", "image/png")])
    at.segmented_control[0].set_value("Table").run()
    frame = at.dataframe[0].value
    assert list(frame["File"])[-1] == "'=1+1.png"
    assert "0 bytes" in list(frame["Not read because"])[-1]


def test_results_survive_another_page_and_back(pictures):
    at = AppTest.from_file(str(paths.REPOSITORY / "app.py"), default_timeout=120).run()
    at.switch_page(PAGE).run()
    send(at, pictures[:2])
    at.selectbox(key="truth_1").set_value("3").run()
    at.switch_page("pages/draw.py").run()
    at.switch_page(PAGE).run()
    assert line(at).startswith("**2 read**")
    assert at.selectbox(key="truth_1").value == "3"


@pytest.fixture(scope="module")
def number():
    """The first three validation digits that differ, side by side on white paper, as a PNG file."""
    digits, labels = datasets.load("mnist", "validation")
    page = np.full((200, 500), 255, np.uint8)
    for place in range(3):
        part = 255 - cv2.resize(digits[place], (112, 112), interpolation=cv2.INTER_CUBIC)
        page[40:152, 30 + 140 * place : 142 + 140 * place] = part
    text = "".join(str(label) for label in labels[:3])
    return text, ("number.png", cv2.imencode(".png", page)[1].tobytes(), "image/png")


def test_a_number_is_one_row_and_is_corrected_as_text(visitor, number):
    text, file = number
    at = send(visitor, [file])
    results = at.session_state["upload_results"]
    assert results.answer(kept(at)[0]) == text
    assert any(f"**{text}**" in element.value and "3 digits" in element.value for element in at.markdown)
    at.text_input(key="truth_1").set_value(f" {text[0]} {text[1:]}").run()
    assert results.is_right(kept(at)[0])
    at.text_input(key="truth_1").set_value(f"{text}/0").run()
    assert kept(at)[0].truth == f"{text}\n0"
    assert "1 miss" in line(at)
    at.segmented_control[0].set_value("Table").run()
    frame = at.dataframe[0].value
    assert (frame["Answer"][0], frame["True"][0], frame["Open"][0]) == (text, f"{text} / 0", "3 digits")


def opened():
    """A page that holds the details of one picture open; AppTest closes dialogs that a button opened."""
    import streamlit as st

    from digitcore.networks import model_store
    from digitcore.reading.batch import read_pictures
    from digitcore.reading.results import Results
    from pages.parts.upload import details

    network, results = model_store.load("digits"), Results()
    for row in read_pictures([("number.png", st.session_state["data"])], network, thumbnail_side=400):
        results.add(row, network)
    before = results.csv()
    details.dialog(results, results.items[0], "number.png", network)
    st.session_state["same"] = results.csv() == before


def ink(at):
    """The switch of the step “Ink”; it is a new one whenever all are put back."""
    return next(each for each in at.toggle if (each.key or "").startswith("details_1_step_ink_"))


def test_a_step_switched_off_in_the_details_is_said_and_leaves_the_table_alone(number):
    at = AppTest.from_function(opened, default_timeout=120)
    at.session_state["data"] = number[1][1]
    at.run()
    assert len(at.pills[0].options) == 3
    ink(at).set_value(False).run()
    assert any("switched off" in element.value for element in at.markdown)
    assert at.session_state["same"]
    button(at, "All on").click().run()
    assert any("Every step is on" in element.value for element in at.markdown)


def test_a_picture_is_opened_with_every_step_on(visitor, number):
    at = send(visitor, [number[1]])
    at.session_state["details_1_step_ink_0"] = False
    at.button(key="open_1").click().run()
    assert ink(at).value


def test_a_person_may_say_which_way_round_the_ink_is(visitor, pictures, monkeypatch):
    told = []
    find = reader.find
    monkeypatch.setattr(reader, "find", lambda *given, **how: told.append(given[2]) or find(*given, **how))
    visitor.selectbox(key="upload_ink").set_value("Light on dark").run()
    at = send(visitor, pictures[:1])
    assert not at.exception
    assert told == ["light-on-dark"]


def test_a_picture_that_lies_on_its_side_is_turned_by_a_press(visitor, number):
    text, (name, data, kind) = number
    upright = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    digit = np.ascontiguousarray(np.rot90(upright[:, :170]))  # a single digit says nothing about how it lies
    at = send(visitor, [(name, cv2.imencode(".png", digit)[1].tobytes(), kind)])
    (item,) = kept(at)
    assert item.size == (200, 170)
    button(at, "Turn").click().run()
    assert not at.exception
    (item,) = kept(at)
    results = at.session_state["upload_results"]
    assert item.size == (170, 200)
    assert (results.answer(item), item.digits[0].accepted) == (text[0], True)
    x, y, w, h = item.digits[0].box
    ink = upright[:, :170] < 128
    assert ink[y : y + h, x : x + w].sum() > 0.9 * ink.sum()
    for _ in range(4):
        button(at, "Turn").click().run()
    assert kept(at)[0].size == (170, 200) and results.answer(kept(at)[0]) == text[0]


def test_what_was_left_out_is_said_on_the_card_in_the_table_and_in_the_download(visitor, number):
    text, (name, data, kind) = number
    page = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    page = np.pad(page, ((0, 0), (100, 0)), constant_values=255)
    page[96:106, 30:90] = 0  # a minus
    at = send(visitor, [(name, cv2.imencode(".png", page)[1].tobytes(), kind)])
    results, said = at.session_state["upload_results"], "Left out: 1 mark that is no digit."
    assert results.answer(kept(at)[0]) == text
    assert said in [element.value for element in at.caption]
    assert said in results.csv()
    at.segmented_control[0].set_value("Table").run()
    assert at.dataframe[0].value["Left out"][0] == said
