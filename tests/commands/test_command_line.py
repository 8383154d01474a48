import csv
import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitcore import __main__ as command_line
from digitcore import datasets
from digitcore.commands import evaluate
from digitcore.networks import model_store
from digitcore.paths import REPOSITORY
from tests.datasets.collecting import signs

KEYS = {"file", "text", "digits", "left_out", "note", "error"}
DIGIT_KEYS = {"digit", "probability", "probabilities", "digitness", "box", "row", "is_digit", "accepted"}


@pytest.fixture
def cli(capsys):
    """Runs a command line; gives its exit code, stdout and stderr."""

    def run(*arguments):
        try:
            code = command_line.main([str(argument) for argument in arguments])
        except SystemExit as leave:  # argparse
            code = leave.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def seven(tmp_path):
    path = tmp_path / "seven.png"
    seven_on(Image.new("L", (200, 150), 250)).save(path)
    return path


def seven_on(page):
    ImageDraw.Draw(page).line([(60, 30), (120, 30), (85, 120)], fill=20, width=9)
    return page


def lines_of(output):
    return [json.loads(line) for line in output.splitlines()]


def python(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


# Help and wrong usage


def test_help_of_the_whole_names_every_command_and_loads_no_library():
    code = (
        "import sys; from digitcore.__main__ import main\n"
        "try: main(['--help'])\n"
        "finally: assert not {'numpy', 'cv2', 'PIL', 'tqdm'} & set(sys.modules), sorted(sys.modules)"
    )
    process = python("-c", code)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert all(f"    {name} " in out for name in command_line.COMMANDS)


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_each_command_explains_itself_with_an_example(cli, name):
    code, out, err = cli(name, "--help")
    assert (code, err) == (0, "")
    assert f"\n  python -m digitcore {name}" in out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["read", "7.png"],
        ["predict"],
        ["predict", "7.png", "--json", "--csv"],
        ["predict", "7.png", "--figure", "figure.txt"],
        ["evaluate", "--pipeline", "sometimes"],
        ["train", "--epochs", "many"],
        ["train", "--epochs", "1000"],
        ["train", "--epochs", "9" * 400],
        ["train", "--learning-rate", "nan"],
        ["train", "--learning-rate", "inf"],
        ["train", "--architecture", "transformer"],
        ["datasets", "fetch", "imagenet"],
        ["models", "ship", "--name", "../mine", "run"],
    ],
)
def test_wrong_usage_is_exit_code_2_and_leaves_stdout_alone(cli, arguments):
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["predict", "7.png", "--model", "none"], "digitcore predict: There is no model 'none': expected "),
        (
            ["predict", "7.png", "--figure", "no/such/a.png"],
            "no/such/a.png: No such file or directory.",
        ),
        (["predict", "7.png", "--model", "{folder}"], "holds no finished run: its card.json is missing."),
        (["evaluate", "--data", "nowhere"], "digitcore evaluate: nowhere is not there: expected mnist or "),
        (["evaluate", "--probabilities", "no/such/folder/p.npz"], "p.npz: No such file or directory."),
        (["train", "--run", "nowhere"], "digitcore train: Run nowhere has no readable settings.json."),
        (["train", "--output", "{file}"], "digitcore train: {file}: File exists."),
        (["train", "--run", "x", "--epochs", "3"], "no other settings can be given with it."),
        (["models", "ship", "--name", "mine", "nowhere"], "nowhere holds no finished run"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(cli, tmp_path, arguments, sentence):
    file = tmp_path / "file"
    file.touch()
    places = {"file": file, "folder": tmp_path}
    code, out, err = cli(*(argument.format(**places) for argument in arguments))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert sentence.format(**places) in err


def test_a_setting_outside_its_range_says_the_range(cli):
    sentence = "digitcore train: dropout must be between 0 and 0.8, got 0.9.\n"
    assert cli("train", "--dropout", "0.9") == (2, "", sentence)


def test_ctrl_c_is_one_word_and_130(cli, monkeypatch):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluate, "run", interrupted)
    assert cli("evaluate") == (130, "", "digitcore evaluate: Interrupted.\n")


# predict


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


# evaluate


def test_evaluate_json_is_the_last_line_and_has_the_promised_keys(cli, tmp_path):
    images, labels = datasets.load("mnist", "validation")
    where = tmp_path / "digits.npz"
    np.savez(where, images=images[:200], labels=labels[:200])
    kept = tmp_path / "kept.npz"
    code, out, err = cli("evaluate", "--data", where, "--json", "--probabilities", kept)
    result = json.loads(out.splitlines()[-1], parse_constant=pytest.fail)
    assert (code, err) == (0, "")
    assert {"model", "data", "n", "accuracy", "misses", "loss"} <= set(result)
    assert (result["model"], result["data"], result["n"]) == (model_store.DEFAULT_MODEL, str(where), 200)
    confusion = np.array(result["confusion_matrix"])
    assert (confusion.shape, confusion.sum()) == ((10, 10), 200)
    assert confusion.sum(1).tolist() == np.bincount(labels[:200], minlength=10).tolist()
    assert result["classification_report"]["accuracy"] == pytest.approx(result["accuracy"])
    with np.load(kept) as file:
        assert (file["probabilities"].argmax(1) != file["labels"]).sum() == result["misses"]


def test_evaluate_reads_kaggles_csv_and_idx_files_with_the_labels_beside_them(cli, tmp_path):
    images, labels = datasets.load("mnist", "validation")
    images, labels = images[:30], labels[:30]
    head = ",".join(["label", *(f"pixel{n}" for n in range(784))])
    rows = [
        f"{label},{','.join(map(str, image.ravel()))}" for image, label in zip(images, labels, strict=True)
    ]
    (tmp_path / "train.csv").write_text("\n".join([head, *rows]))
    pictures = tmp_path / "t10k-images-idx3-ubyte"
    pictures.write_bytes(struct.pack(">IIII", 0x803, *images.shape) + images.tobytes())
    code, _, err = cli("evaluate", "--data", str(pictures))
    assert code == 1
    assert "without labels" in err
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 30) + labels.tobytes())
    for data in (tmp_path / "train.csv", pictures):
        code, out, _ = cli("evaluate", "--data", str(data), "--json")
        assert code == 0
        summary = lines_of(out)[-1]
        assert summary["n"] == 30
        assert summary["misses"] <= 1
        assert (
            np.array(summary["confusion_matrix"]).sum(1).tolist()
            == np.bincount(labels, minlength=10).tolist()
        )
    (tmp_path / "letters.csv").write_text("\n".join([head, "Q" + rows[0][1:], *rows]))
    code, _, err = cli("evaluate", "--data", str(tmp_path / "letters.csv"))
    assert code == 1
    assert "letters.csv, line 2: its label must be a class" in err


def test_evaluate_on_a_folder_warns_of_absent_classes_and_of_what_it_could_not_read(cli, seven, tmp_path):
    folder = tmp_path / "my class"
    for name in ("7/a.png", "7/b.png", "1/c.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(seven.read_bytes())
    (folder / "7" / "bad.png").write_bytes(b"")
    code, out, err = cli("evaluate", "--data", folder, "--json")
    result = json.loads(out)
    assert code == 0
    assert "there is no picture of 0, 2, 3, 4, 5, 6, 8, 9." in err
    assert "1 of 4 pictures could not be read" in err
    assert (result["n"], result["misses"], result["unread"]) == (4, 2, 1)
    assert result["confusion_matrix"][7][7] == 2 and result["confusion_matrix"][1][7] == 1


def test_evaluate_prints_loss_accuracy_and_the_report_for_people(cli, seven, tmp_path):
    (tmp_path / "d" / "7").mkdir(parents=True)
    seven.rename(tmp_path / "d" / "7" / "a.png")
    _, out, _ = cli("evaluate", "--data", tmp_path / "d")
    assert "accuracy: 1.0000   0 misses of 1\n" in out
    assert "loss:     0.0" in out
    assert "precision    recall  f1-score   support" in out


# models, datasets, train


def test_models_lists_every_card_the_default_first(cli):
    lines = cli("models")[1].splitlines()[1:]
    assert [line.split()[0] for line in lines] == model_store.shipped()
    assert [line.endswith("(default)") for line in lines] == [True] + [False] * (len(lines) - 1)
    assert [card["name"] for card in lines_of(cli("models", "--json")[1])] == model_store.shipped()


def test_datasets_says_which_are_here_and_how_to_fetch_the_others(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "is_available", lambda name: name == "mnist")
    out = cli("datasets")[1]
    assert "mnist          ready\n" in out
    assert "not here yet: python -m digitcore datasets fetch fashion-mnist\n" in out
    assert cli("datasets", "fetch", "mnist")[1].startswith("mnist is ready, in ")


def test_datasets_adds_lists_and_removes_one_of_your_own(cli, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path / "data"))
    (tmp_path / "mine.zip").write_bytes(signs.zipped(signs.files("+x")))
    add = ("datasets", "add", "signs", tmp_path / "mine.zip", "--title", "My signs")
    code, out, _ = cli(*add)
    assert code == 0 and "+  12 pictures\n" in out
    assert "signs is ready: 20 pictures to learn from, 2 that validate, 2 for the test (seed 0).\n" in out
    assert "2 classes: +, x\n" in cli("datasets")[1]
    code, out, err = cli(*add)
    assert code == 1 and "There is a data set signs already" in err
    code, out, err = cli("datasets", "add", "one", signs.folder(tmp_path / "one", signs.files("+")))
    assert code == 1 and err.endswith(": all pictures are of one class, '+'; expected at least two.\n")
    assert cli("datasets", "remove", "signs")[0] == 0
    assert "signs" not in cli("datasets")[1] and cli("datasets", "remove", "signs")[0] == 1


@pytest.mark.timeout(600)  # a training makes way for everything else on the machine
def test_a_training_shows_its_network_ends_though_nobody_listens_any_more_and_can_be_read_with(
    cli, seven, tmp_path
):
    folder = tmp_path / "run"
    options = ("--architecture", "mlp-128", "--epochs", "1", "--n-train", "500", "--output")
    process = python("-m", "digitcore", "train", *options, str(folder))
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith("epoch 1/1"):
            break
    process.stdout.close()
    err = process.stderr.read()
    assert (process.wait(), "Traceback" in err) == (0, False), err
    assert any(line.split() == ["Total", "101,770"] for line in printed)
    assert "val_accuracy: 0." in printed[-1]
    card = json.loads((folder / "card.json").read_text())
    result = json.loads(cli("evaluate", "--model", folder, "--json")[1])
    assert (result["misses"], result["n"]) == (card["test"]["misses"], 10_000)
    assert set(lines_of(cli("predict", seven, "--model", folder, "--json")[1])[0]) == KEYS


def test_a_folder_gives_its_pictures_and_not_the_notes_beside_them(capsys):
    assert command_line.main(["predict", str(REPOSITORY / "samples"), "--csv"]) == 0
    names = capsys.readouterr().out
    assert "seven-with-a-bar.png" in names and "README.md" not in names
