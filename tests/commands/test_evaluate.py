"""`evaluate`: figures of a network on a data set or on files of one's own."""

import json
import struct

import numpy as np
import pytest

from digitcore import datasets
from digitcore.networks import model_store
from tests.commands.asking import lines_of


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
