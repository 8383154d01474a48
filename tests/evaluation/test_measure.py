import math
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitcore import datasets
from digitcore.errors import DatasetError, ImageError, ModelError
from digitcore.evaluation import labelled, measure
from digitcore.networks import model_store
from digitcore.preprocessing import normalisation
from tests import lazily

metrics = lazily.Module("sklearn.metrics")

CLASSES = tuple("0123456789")


class Brightness:
    """A network of ten lines: its answer is how much ink there is, in tenths."""

    name = "brightness"
    class_names = CLASSES
    reads_digits = True
    card = {"dataset": {"name": "mnist"}}  # noqa: RUF012

    def predict(self, images):
        answers = np.minimum(images.mean((1, 2)) * 10, 9).astype(int)
        return np.eye(10, dtype=np.float32)[answers] * np.float32(0.9) + np.float32(0.01)


class Clothes(Brightness):
    name = "clothes"
    class_names = datasets.describe("fashion-mnist").class_names
    reads_digits = False
    card = {"dataset": {"name": "fashion-mnist"}}  # noqa: RUF012


@pytest.fixture(scope="module")
def network():
    return model_store.load()


@pytest.fixture(scope="module")
def digits():
    images, labels = datasets.load("mnist", "validation")
    return images[:600], labels[:600]


def saved(folder, images, labels, **more):
    path = folder / "digits.npz"
    np.savez(path, images=images, labels=labels, **more)
    return str(path)


def measured(network, where, pipeline="auto"):
    return measure.measure(network, labelled.find(str(where), network), pipeline)


def square(level, size=20):
    """A square of `size` pixels, as light as `level`, in a dark 28x28 picture."""
    picture = np.zeros((28, 28), np.uint8)
    picture[:size, :size] = level
    return picture


# What is measured


def test_an_npz_of_raw_mnist_digits_gives_exactly_the_answers_of_the_data_set(network, digits, tmp_path):
    images, labels = digits
    own = measured(network, saved(tmp_path, images, labels))
    as_data_set = labelled.Labelled("mnist", labels.astype(np.int64), True, lambda: iter(images))
    assert np.array_equal(own.probabilities, measure.measure(network, as_data_set).probabilities)


def test_each_mnist_digit_is_in_mnists_format_and_none_is_when_turned_moved_or_resized(digits):
    for image in digits[0]:
        assert measure.is_in_mnist_format(image)
        assert not measure.is_in_mnist_format(255 - image)
        assert not measure.is_in_mnist_format(np.roll(image, 2, axis=0))
        assert not measure.is_in_mnist_format(cv2.resize(image, (32, 32)))
    assert not measure.is_in_mnist_format(np.zeros((28, 28), np.uint8))


@pytest.mark.parametrize("size", [16, 28, 32, 56])
@pytest.mark.parametrize("dark_on_light", [False, True])
def test_digits_of_other_sizes_and_the_other_way_round_are_read_as_well(
    network, digits, tmp_path, size, dark_on_light
):
    images, labels = digits
    images = np.stack([cv2.resize(i, (size, size), interpolation=cv2.INTER_AREA) for i in images[:200]])
    images = 255 - images if dark_on_light else images
    summary = measured(network, saved(tmp_path, images, labels[:200])).summary
    assert summary["accuracy"] >= 0.97


def test_pipeline_never_only_resizes_and_takes_light_for_ink(digits):
    image = digits[0][0]
    assert np.array_equal(measure.resized(image), image / np.float32(255))
    assert np.array_equal(measure.resized(255 - image), (255 - image) / np.float32(255))
    large = cv2.resize(image, (56, 84), interpolation=cv2.INTER_NEAREST)
    assert np.abs(measure.resized(large) - image / 255).max() < 0.01


def test_pipeline_always_and_never_overrule_what_auto_chooses(network, digits, tmp_path):
    images, labels = digits
    inverted = saved(tmp_path, 255 - images[:200], labels[:200])
    never, always = (measured(network, inverted, how).summary["misses"] for how in ("never", "always"))
    assert always <= 6 and never >= 4 * max(always, 1)
    through = measured(network, saved(tmp_path, images[:50], labels[:50]), "always").probabilities
    pictures = np.stack([normalisation.read(image).picture for image in images[:50]])
    assert np.array_equal(through, network.predict(pictures))


def test_bitmaps_of_zero_and_one_are_read_like_bitmaps_of_zero_and_255(network, digits, tmp_path):
    bits = (digits[0][:100] > 127).astype(np.uint8)
    ones = measured(network, saved(tmp_path, bits, digits[1][:100])).probabilities
    assert np.array_equal(ones, measured(network, saved(tmp_path, bits * 255, digits[1][:100])).probabilities)


def test_a_model_of_other_things_than_digits_gets_its_pictures_uncropped(tmp_path):
    picture = np.full((1, 56, 56), 200, np.uint8)
    picture[0, :20, :20] = 0
    own = measured(Clothes(), saved(tmp_path, picture, np.array([6])))
    assert own.probabilities.argmax() == int(10 * picture.mean() / 255)


def test_the_parts_of_a_data_set_are_measured_by_name():
    summary = measured(Brightness(), "mnist:validation").summary
    assert (summary["data"], summary["n"], summary["unread"]) == ("mnist:validation", 5000, 0)
    assert measured(Brightness(), "mnist").summary["data"] == "mnist"


# What cannot be read


def test_an_unreadable_or_empty_picture_is_a_miss_with_the_loss_of_an_even_guess(tmp_path):
    for name, content in {
        "0/dark.png": png(square(1)),
        "0/empty.png": png(np.zeros((28, 28), np.uint8)),
        "5/not a picture.png": b"hello",
        "5/notes.txt": b"these are mine",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    result = measured(Brightness(), tmp_path, "never")
    assert result.unread.tolist() == [False, True, True, True]
    summary = result.summary
    assert (summary["n"], summary["misses"], summary["unread"], summary["accuracy"]) == (4, 3, 3, 0.25)
    assert np.array(summary["confusion_matrix"]).sum() == 1
    assert summary["loss"] == pytest.approx((3 * math.log(10) - math.log(0.91)) / 4, rel=1e-5)
    assert summary["classification_report"]["0"]["recall"] == 0.5
    assert summary["classification_report"]["5"]["support"] == 2


def test_the_report_counts_the_unread_as_scikit_learn_counts_an_answer_that_is_no_class():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 500)
    probabilities = rng.dirichlet(np.ones(10), 500).astype(np.float32)
    probabilities[np.arange(250), labels[:250]] += 1
    unread = rng.random(500) < 0.1
    summary = measure.summarise(Brightness(), "here", labels, probabilities, unread)
    answers = np.where(unread, 10, probabilities.argmax(1))
    expected = metrics.classification_report(
        labels, answers, labels=range(10), target_names=CLASSES, output_dict=True, zero_division=0
    )
    report = summary["classification_report"]
    for name in (*CLASSES, "macro avg", "weighted avg"):
        assert report[name] == pytest.approx(expected[name])
    assert summary["accuracy"] == pytest.approx(metrics.accuracy_score(labels, answers))
    assert report["accuracy"] == pytest.approx(summary["accuracy"])
    assert summary["misses"] == (labels != answers).sum()


def test_nothing_readable_at_all_is_measured_without_a_nan(tmp_path):
    summary = measured(Brightness(), saved(tmp_path, np.zeros((3, 28, 28), np.uint8), np.arange(3))).summary
    assert (summary["misses"], summary["accuracy"], summary["expected_calibration_error"]) == (3, 0.0, None)
    assert summary["loss"] == pytest.approx(math.log(10), rel=1e-5)


# Where labelled pictures come from


def test_a_folder_gives_each_file_the_class_of_its_sub_folder_however_deep(tmp_path):
    for name in ("0/a.png", "0/deep/er/b.png", "7/c.png", "7/.DS_Store", "7/Thumbs.db", "7/__MACOSX/c.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(png(square(200)))
    (tmp_path / "README.txt").write_text("no class, no label")
    (tmp_path / ".git").mkdir()
    found = labelled.find(str(tmp_path), Brightness())
    assert found.labels.tolist() == [0, 0, 7]
    assert [picture.shape for picture in found.pictures()] == [(28, 28)] * 3


def test_a_folder_may_spell_a_class_name_as_file_systems_must(tmp_path):
    for name in ("t-shirt_TOP", "Ankle boot", "2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(png(square(200)))
    assert sorted(labelled.find(str(tmp_path), Clothes()).labels) == [0, 2, 9]


@pytest.mark.parametrize(
    ("folders", "sentence"),
    [
        ([], "has no sub-folders: expected one per class, named 0, 1, 2"),
        (["0", "seven"], "must be named after the classes of model brightness (0, 1, 2"),
        (["0", "10"], "got 10."),
        (["0"], "hold no files"),
    ],
)
def test_a_folder_that_cannot_be_measured_says_why_in_a_sentence(tmp_path, folders, sentence):
    for name in folders:
        (tmp_path / name).mkdir()
    with pytest.raises(DatasetError) as error:
        labelled.find(str(tmp_path), Brightness())
    assert sentence in str(error.value)


GOOD = np.zeros((2, 28, 28), np.uint8)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": GOOD, "y": np.arange(2)}, "must hold `images` and `labels`; got x, y."),
        ({"images": GOOD}, "got images."),
        ({}, "got nothing."),
        ({"images": GOOD / 255, "labels": np.arange(2)}, "must be (n, h, w) uint8; got (2, 28, 28) float64."),
        ({"images": GOOD[..., None], "labels": np.arange(2)}, "got (2, 28, 28, 1) uint8."),
        ({"images": GOOD, "labels": np.array(["0", "1"])}, "must be (n,) whole numbers; got (2,) <U1."),
        ({"images": GOOD, "labels": np.eye(2, 10, dtype=int)}, "got (2, 10) int64."),
        ({"images": GOOD, "labels": np.arange(3)}, "got 2 images, 3 labels."),
        ({"images": GOOD[:0], "labels": np.arange(0)}, "at least one picture"),
        ({"images": GOOD[:, :0], "labels": np.arange(2)}, "at least one picture"),
        ({"images": GOOD, "labels": np.array([0, 10])}, "0 to 9; got 0 to 10."),
        ({"images": GOOD, "labels": np.array([-1, 3])}, "0 to 9; got -1 to 3."),
        ({"images": np.array([GOOD, None], object), "labels": np.arange(2)}, "is not a readable .npz"),
    ],
)
def test_an_npz_that_does_not_fit_says_what_was_expected_and_what_came(tmp_path, arrays, sentence):
    np.savez(tmp_path / "digits.npz", **arrays)
    with pytest.raises(DatasetError) as error:
        labelled.find(str(tmp_path / "digits.npz"), Brightness())
    assert sentence in str(error.value)


def test_an_npz_whose_members_are_no_arrays_is_refused(tmp_path):
    path = tmp_path / "digits.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("images.npy", "hello")
        file.writestr("labels.npy", "world")
    with pytest.raises(DatasetError, match=r"not a readable \.npz"):
        labelled.find(str(path), Brightness())


def test_a_file_that_is_no_npz_or_a_cut_off_one_is_refused(tmp_path):
    path = tmp_path / "digits.npz"
    whole = Path(saved(tmp_path, GOOD, np.arange(2))).read_bytes()
    for content in (b"", b"PK\x03\x04", b"text", whole[:300], whole[:-30]):
        path.write_bytes(content)
        with pytest.raises(DatasetError, match=r"not a readable \.npz"):
            labelled.find(str(path), Brightness())
    np.save(tmp_path / "one.npy", GOOD)
    with pytest.raises(DatasetError, match="is one array"):
        labelled.find(str(tmp_path / "one.npy"), Brightness())


def test_what_is_nowhere_or_of_other_classes_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="is not there: expected mnist or fashion-mnist, a folder"):
        labelled.find(str(tmp_path / "none"), Brightness())
    with pytest.raises(DatasetError, match="has the parts train, validation, test; got 'tset'"):
        labelled.find("mnist:tset", Brightness())
    with pytest.raises(ModelError, match=r"Model clothes answers T-shirt/top, .* but MNIST shows 0, 1"):
        labelled.find("mnist", Clothes())


def test_a_picture_file_is_read_within_bounds(tmp_path):
    with pytest.raises(ImageError, match=r"There is no such file\."):
        labelled.read_file(tmp_path / "none.png")
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(40 * 2**20)
    with pytest.raises(ImageError, match="has 40 MB; at most 32 MB"):
        labelled.read_file(tmp_path / "large.png")
    with pytest.raises(ImageError, match="This folder has no pictures in it"):
        labelled.read_file(tmp_path)


def png(grey):
    return cv2.imencode(".png", grey)[1].tobytes()


def test_pictures_taken_for_several_digits_are_counted_where_the_pipeline_reads_them(tmp_path):
    digits, labels = datasets.load("mnist", "validation")
    one = cv2.copyMakeBorder(cv2.resize(digits[0], (84, 84)), *[30] * 4, cv2.BORDER_CONSTANT)
    folder = tmp_path / str(labels[0])
    folder.mkdir()
    for name, picture in (("a", one), ("b", np.hstack([one, one]))):
        cv2.imwrite(str(folder / f"{name}.png"), picture)
    network = model_store.load(model_store.DEFAULT_MODEL)
    pictures = labelled.find(str(tmp_path), network)
    assert measure.measure(network, pictures).summary["taken_for_several"] == 1
    assert measure.measure(network, pictures, "never").summary["taken_for_several"] is None
