"""The command line as a whole: help, wrong usage, models and data sets."""

import pytest

from digitcore import __main__ as command_line
from digitcore import datasets
from digitcore.commands import evaluate
from digitcore.networks import model_store
from tests.commands.asking import lines_of, python
from tests.datasets.collecting import signs


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
