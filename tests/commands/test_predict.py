"""`predict`: a row for every file, as a table, JSON, CSV or a figure."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitcore import __main__ as command_line
from digitcore import datasets
from digitcore.networks import model_store
from digitcore.paths import REPOSITORY
from tests.commands.asking import KEYS, lines_of, python, seven_on

DIGIT_KEYS = {"digit", "probability", "probabilities", "digitness", "box", "row", "is_digit", "accepted"}


def test_predict_prints_a_table_in_the_order_given_and_ends_with_0(cli, seven, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seven_on(Image.new("L", (150, 200), 255)).save("another seven.png")
    code, out, err = cli("predict", "another seven.png", "seven.png")
    rows = [re.split(r"  +", line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert rows[0] == ["File", "Text", "Confidence", "Second guess"]
    assert [row[:2] for row in rows[1:]] == [["another seven.png", "7"], ["seven.png", "7"]]


def test_predict_json_has_the_promised_keys_and_the_box_of_the_digit(cli, seven):
    code, out, _ = cli("predict", seven, "--json")
    (row,) = lines_of(out)
    (digit,) = row["digits"]
    assert code == 0
    assert (set(row), set(digit)) == (KEYS, DIGIT_KEYS)
    assert (row["file"], row["text"], row["error"]) == (str(seven), "7", None)
    assert (digit["digit"], digit["accepted"]) == (7, True)
    assert digit["probability"] == max(digit["probabilities"])
    assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert digit["box"] == pytest.approx([56, 26, 69, 99], abs=4)


def test_predict_gives_a_row_to_every_file_and_1_if_some_cannot_be_read(cli, seven, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    Image.new("L", (80, 80), 255).save(tmp_path / "blank.png")
    (tmp_path / "empty").mkdir()
    files = ("bad.png", "seven.png", "none.png", "blank.png", "empty", "seven.png")
    names = [tmp_path / name for name in files]
    code, out, err = cli("predict", *names, "--json")
    rows = lines_of(out)
    assert code == 1
    assert err == "4 of 6 pictures could not be read.\n"
    assert [row["file"] for row in rows] == [str(name) for name in names]
    assert [row["text"] for row in rows] == ["", "7", "", "", "", "7"]
    assert [bool(row["digits"]) for row in rows] == [row["error"] is None for row in rows]
    assert rows[2]["error"] == "There is no such file."
    assert "expected PNG" in rows[0]["error"]


def test_a_name_too_long_for_the_system_is_a_row_and_the_others_are_read(cli, seven):
    code, out, _ = cli("predict", "n" * 300 + ".png", str(seven), "--json")
    assert code == 1
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["", "7"]


@pytest.mark.parametrize("card", ["[]", "null", "{}", '{"name": "x", "files": []}', '{"name": '])
def test_a_run_with_a_damaged_card_is_one_sentence(cli, seven, tmp_path, card):
    (tmp_path / "card.json").write_text(card)
    code, out, err = cli("predict", str(seven), "--model", str(tmp_path))
    assert (code, out) == (1, "")
    assert err == "digitcore predict: card.json is not a readable model card.\n"


def test_a_closed_stdout_is_no_error(seven):
    command = f"{sys.executable} -m digitcore predict {seven} >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=REPOSITORY)
    assert (done.returncode, done.stderr) == (0, "")


def test_predict_reads_all_files_of_a_folder_in_order(cli, seven, tmp_path):
    folder = tmp_path / "scans"
    for name in ("b.png", "a/c.png", "a.png", ".hidden.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(seven.read_bytes())
    _, out, _ = cli("predict", folder, "--json")
    assert [row["file"] for row in lines_of(out)] == [str(folder / n) for n in ("a.png", "b.png", "a/c.png")]


def test_predict_reads_the_files_of_a_zip_and_says_what_is_wrong_with_one(cli, seven, tmp_path):
    with zipfile.ZipFile(tmp_path / "scans.zip", "w") as archive:
        archive.write(seven, "page 1/7.png")
        archive.writestr("notes.txt", "not a picture")
    (tmp_path / "cut.zip").write_bytes((tmp_path / "scans.zip").read_bytes()[:80])
    code, out, _ = cli("predict", "--json", str(tmp_path / "scans.zip"), str(tmp_path / "cut.zip"))
    rows = lines_of(out)
    assert code == 1
    assert [Path(row["file"]).relative_to(tmp_path).as_posix() for row in rows] == [
        "scans.zip/page 1/7.png",
        "scans.zip/notes.txt",
        "cut.zip",
    ]
    assert rows[0]["text"] == "7"
    assert "damaged" in rows[2]["error"]


def test_predict_csv_is_a_table_that_no_spreadsheet_runs(cli, seven, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seven.rename("=1+1.png")
    code, out, _ = cli("predict", "--csv", "--", "=1+1.png", "-missing")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 1
    assert [row["file"] for row in rows] == ["'=1+1.png", "'-missing"]
    assert [row["text"] for row in rows] == ["7", ""]
    assert float(rows[0]["confidences"]) == pytest.approx(float(rows[0]["confidence"]), abs=1e-4)
    assert [row["error"] for row in rows] == ["", "There is no such file."]


def test_an_unsure_answer_is_a_question_mark(cli, seven, monkeypatch):
    load = model_store.load

    def doubting(name):
        network = load(name)
        network.threshold = 1.1
        return network

    monkeypatch.setattr(model_store, "load", doubting)
    (row,) = lines_of(cli("predict", seven, "--json")[1])
    assert (row["text"], row["digits"][0]["digit"], row["digits"][0]["accepted"]) == ("?", 7, False)
    assert " 7? " in cli("predict", seven)[1]


def test_a_file_name_that_does_not_print_breaks_neither_table_nor_json(cli, seven, tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.png")
    try:
        seven.rename(name)
    except OSError:
        pytest.skip("this file system has no such names")
    assert len(cli("predict", name)[1].splitlines()) == 2
    assert lines_of(cli("predict", name, "--json")[1])[0]["file"] == name


def test_the_figure_shows_every_picture_and_stays_bounded(cli, seven, tmp_path):
    figure = tmp_path / "figure.png"
    code, _, _ = cli("predict", seven, tmp_path / "none.png", "--figure", figure)
    few = Image.open(figure)
    assert (code, few.format) == (1, "PNG")
    with_answer, with_error = (few.crop((x, 0, x + few.width // 2, few.height)) for x in (0, few.width // 2))
    assert coloured(with_answer, (0, 114, 178)) > 1000  # the bar of the 7 and the 7 itself
    assert coloured(with_answer, (213, 94, 0)) == coloured(with_error, (0, 114, 178)) == 0
    assert coloured(with_error, (213, 94, 0)) > 100  # the sentence
    _, _, err = cli("predict", *[seven] * 300, "--figure", figure)
    assert err == "The figure shows the first 240 of 300 pictures.\n"
    assert np.prod(Image.open(figure).size) < 30e6


def test_what_is_no_digit_gets_no_confidence_in_table_and_figure(cli, seven, tmp_path, monkeypatch):
    verdict = model_store.Classifier.verdict
    monkeypatch.setattr(
        model_store.Classifier, "verdict", lambda network, p, digitness=0: verdict(network, p, -1.0)
    )
    _, out, _ = cli("predict", seven, "--figure", tmp_path / "figure.png")
    assert out.splitlines()[1].split(maxsplit=3)[1:] == ["?", "–", "This does not look like a digit"]
    assert coloured(Image.open(tmp_path / "figure.png"), (0, 114, 178)) == 0  # no bar


def test_a_folder_without_pictures_is_told_from_one_that_cannot_be_opened(cli, tmp_path):
    code, out, _ = cli("predict", tmp_path)
    assert (code, "This folder has no pictures in it." in out) == (1, True)


def test_a_pattern_stands_for_its_files_as_where_the_shell_leaves_it_to_the_program(cli, seven, tmp_path):
    for name in ("b.png", "a.png", "[c].png"):
        (tmp_path / name).write_bytes(seven.read_bytes())
    code, out, _ = cli("predict", tmp_path / "?.png", tmp_path / "[c].png", "--csv")
    names = [Path(row["file"]).name for row in csv.DictReader(io.StringIO(out))]
    assert (code, names) == (0, ["a.png", "b.png", "[c].png"])
    code, out, _ = cli("predict", tmp_path / "*.jpg")
    assert (code, "There is no such file." in out) == (1, True)


def test_what_windows_saves_a_jpeg_as_is_found_in_a_folder(cli, seven, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    Image.open(seven).convert("RGB").save(folder / "seven.jfif", "JPEG")
    code, out, _ = cli("predict", folder, "--json")
    assert (code, json.loads(out)["text"]) == (0, "7")


def coloured(picture, colour):
    return (np.asarray(picture) == colour).all(-1).sum()


def test_predict_with_a_hundred_thousand_bytes_to_say_survives_a_reader_that_leaves(seven):
    process = python("-m", "digitcore", "predict", *[str(seven)] * 600, "--json")
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    assert (process.wait(), err) == (command_line.PIPE_CLOSED, "")


def test_everything_but_train_leaves_tensorflow_alone_and_stderr_empty(seven, tmp_path):
    images, labels = datasets.load("mnist", "validation")
    np.savez(tmp_path / "digits.npz", images=images[:100], labels=labels[:100])
    code = f"""
import sys
import zipfile
from digitcore.__main__ import main
for arguments in (["predict", {str(seven)!r}, "--figure", {str(tmp_path / "figure.png")!r}],
                  ["evaluate", "--data", {str(tmp_path / "digits.npz")!r}], ["models"], ["datasets"]):
    assert main(arguments) == 0
import digitcore.commands.train
assert not [name for name in sys.modules if name.split(".")[0] in ("tensorflow", "keras", "streamlit")]
"""
    process = python("-c", code)
    _, err = process.communicate()
    assert (process.returncode, err) == (0, "")


def test_a_folder_gives_its_pictures_and_not_the_notes_beside_them(capsys):
    assert command_line.main(["predict", str(REPOSITORY / "samples"), "--csv"]) == 0
    names = capsys.readouterr().out
    assert "seven-with-a-bar.png" in names and "README.md" not in names
