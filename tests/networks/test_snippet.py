"""The snippet: the text that is shown is run as it is, with its three packages and none of our code."""

import ast
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from digitcore import datasets, paths
from digitcore.networks import model_store, snippet

SAMPLES = paths.SAMPLES
NAMES = tuple("0123456789")
CLOTHES = datasets.describe("fashion-mnist").class_names


def said(folder, program):
    """What a program prints when it is run in a folder, without our repository."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=folder, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("model", "file", "picture", "digit"),
    [
        ("digitnet", "model.tflite", "yellow-note-turned-phone.jpg", "8"),
        ("mlp-128-128", "model.tflite", "chalk.jpg", "5"),
        ("mlp-128-128", "model-int8.tflite", "transparent.png", "6"),
    ],
)
def test_it_reads_a_photograph_with_a_downloaded_file(tmp_path, model, file, picture, digit):
    card = model_store.card(model)
    shutil.copy(model_store.files(model)[file], tmp_path / "mine.tflite")
    shutil.copy(SAMPLES / picture, tmp_path)
    knows_others = "index" in card.get("not_a_digit", {})
    answer, sureness = said(
        tmp_path, snippet.text("mine.tflite", card["class_names"], knows_others, picture)
    ).split()
    assert answer == digit
    assert 50 < float(sureness.rstrip("%")) <= 99.9


def test_it_reads_mnists_own_digits_nearly_as_well_as_the_network(tmp_path):
    """The lines before the network leave digits legible that need no preparation."""
    program = snippet.text("x.tflite", NAMES)
    prepare = "\n".join(line for line in program.splitlines() if line.startswith(("image", "ink", "picture")))
    images, labels = datasets.load("mnist", "test")
    pictures = []
    for image in images[:200]:
        Image.fromarray(255 - image).resize((90, 90)).save(tmp_path / "digit.png")
        found = {"np": np, "Image": Image, "ImageOps": __import__("PIL.ImageOps").ImageOps}
        exec(prepare.replace("digit.png", str(tmp_path / "digit.png")), found)
        assert found["picture"].shape == (28, 28)
        pictures.append(found["picture"])
    read = model_store.load("simple-cnn").predict(np.stack(pictures)).argmax(1)
    assert (read == labels[:200]).mean() > 0.95


@pytest.mark.parametrize(("names", "knows_others"), [(NAMES, False), (NAMES, True), (CLOTHES, False)])
def test_it_has_ten_lines_and_needs_three_packages(names, knows_others):
    program = snippet.text("my network's.tflite", names, knows_others)
    lines = program.strip().splitlines()
    assert len(lines) <= 10 and all(lines)
    packages = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).partition(".")[0]
        for node in ast.walk(ast.parse(program))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert packages == {"ai_edge_litert", "numpy", "PIL"}
    listed = next(
        node.value
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.Subscript) and "argmax" in ast.dump(node)
    )
    outputs = list(eval(ast.unparse(listed)))
    assert outputs == [*names, *([snippet.NONE_OF_THEM] if knows_others else [])]


def test_clothes_are_not_cropped():
    program = snippet.text("x.tflite", CLOTHES)
    assert "getbbox" not in program
    assert "Ankle boot" in program
