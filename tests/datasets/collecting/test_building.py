"""A data set of one's own: made of a folder, a zip, a CSV or idx files, or refused by the first odd file."""

import gzip
import zipfile

import numpy as np
import pytest
from PIL import Image

from digitcore import datasets, paths
from digitcore.datasets import idx, own
from digitcore.datasets.collecting import building, sources, tables, tree
from digitcore.errors import DatasetError
from digitcore.preprocessing import drawing, normalisation
from tests.datasets.collecting import signs


@pytest.fixture(autouse=True)
def data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    return tmp_path / "data"


@pytest.fixture(scope="module")
def pictures():
    return signs.files()


def add(place, name="signs", **options):
    built = building.build([place] if not isinstance(place, list) else place, **options)
    building.keep(built, own.place_for(name), name, "here")
    return built


def refusal(place, **options):
    with pytest.raises(DatasetError) as error:
        building.build([place] if not isinstance(place, list) else place, **options)
    said = str(error.value)
    assert said.endswith(".") and "\n" not in said
    return said


def digits(n=200):
    return datasets.load("mnist", "train", n)


def csv(images, labels, header=True):
    first = "label," + ",".join(f"pixel{n}" for n in range(images[0].size)) + "\n" if header else ""
    rows = (
        f"{label}," + ",".join(map(str, image.ravel())) for image, label in zip(images, labels, strict=True)
    )
    return first + "\n".join(rows) + "\n"


def test_a_folder_a_class_is_prepared_split_and_found_by_its_name(tmp_path, pictures):
    add(signs.folder(tmp_path / "mine", pictures))
    info = datasets.describe("signs")
    assert info.class_names == ("+", "-", "=", "x") and info.own and not info.is_digits
    assert (info.n_train, info.n_validation, info.n_test) == (40, 4, 4)
    assert datasets.names() == ("mnist", "fashion-mnist", "signs") and datasets.is_available("signs")
    seen = set()
    for part in datasets.PARTS:
        images, labels = datasets.load("signs", part)
        assert set(labels) == {0, 1, 2, 3}  # each class in each part
        seen |= {(image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True)}
    assert len(seen) == 48
    ready = np.uint8(np.rint(normalisation.read(signs.drawn("x", 3)).picture * 255))
    assert (ready.tobytes(), 3) in seen  # as Draw would have prepared it


def test_a_zip_is_the_same_data_set_wherever_its_folders_lie(tmp_path, pictures):
    (tmp_path / "a.zip").write_bytes(
        signs.zipped({f"all/mine/{name}": data for name, data in pictures.items()})
    )
    zipped = building.build([tmp_path / "a.zip"])
    folder = building.build([signs.folder(tmp_path / "mine", {**pictures, "README.txt": b"read me"})])
    assert zipped.class_names == folder.class_names
    for name, array in zipped.arrays.items():
        np.testing.assert_array_equal(array, folder.arrays[name])


def test_the_seed_decides_the_split(tmp_path, pictures):
    place = signs.folder(tmp_path / "mine", pictures)
    one, same, other = (building.build([place], seed).arrays["x_test"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_parts_that_were_brought_are_kept(tmp_path, pictures):
    parts = {
        f"{'test' if name[2:4] in ('00', '01', '02') else 'train'}/{name}": d for name, d in pictures.items()
    }
    built = building.build([signs.folder(tmp_path / "mine", parts)])
    wanted = {normalisation.read(signs.drawn(s, n)).picture.tobytes() for s in "+-=x" for n in range(3)}
    kept = {(image.astype(np.float32) / 255).tobytes() for image in built.arrays["x_test"]}
    assert len(built.arrays["y_test"]) == 12 == len(wanted) and len(kept) == 12


@pytest.mark.parametrize("form", ["csv", "headless", "gz", "zip", "idx"])
def test_pixels_of_mnist_in_any_form_are_mnist(tmp_path, form):
    images, labels = digits()
    text = csv(images, labels, header=form != "headless")
    place = tmp_path / "train.csv"
    if form == "gz":
        place = tmp_path / "train.csv.gz"
        place.write_bytes(gzip.compress(text.encode()))
    elif form == "zip":
        place = tmp_path / "kaggle.zip"  # its test.csv has no labels
        unlabelled = (
            "pixel0\n".replace("pixel0", ",".join(f"pixel{n}" for n in range(784))) + "0," * 783 + "0\n"
        )
        place.write_bytes(signs.zipped({"train.csv": text.encode(), "test.csv": unlabelled.encode()}))
    elif form == "idx":
        place = [tmp_path / "train-images-idx3-ubyte", tmp_path / "train-labels-idx1-ubyte.gz"]
        place[0].write_bytes(idx.pack(images))
        place[1].write_bytes(gzip.compress(idx.pack(labels)))
    else:
        place.write_text(text)
    built = add(place, "copy")
    assert datasets.describe("copy").is_digits and built.counts == np.bincount(labels).tolist()
    found = {image.tobytes() for part in datasets.PARTS for image in datasets.load("copy", part)[0]}
    ready = [np.uint8(np.rint(normalisation.read(image).picture * 255)) for image in images]
    assert {image.tobytes() for image in ready} == found
    assert np.abs(np.stack(ready).astype(int) - images).mean() < 1  # of 255: nearly what it was


def test_numbers_get_the_names_that_are_given(tmp_path):
    images, labels = digits()
    place = tmp_path / "train.csv"
    place.write_text(csv(images, labels))
    assert building.build([place], names=list("abcdefghij")).class_names == list("abcdefghij")
    assert "expected 10 names for them, got 2" in refusal(place, names=["a", "b"])


def bars(shift=0):
    """(280, 280) uint8: two bars so far apart that of a digit one would be left out."""
    return drawing.rendered([[(60, 60), (220, 60 + shift)], [(60, 200), (220, 200 - shift)]], pen=16)


def strokes(ready):
    return np.count_nonzero(np.diff((ready[:, 14] > 128).astype(int)) == 1)


def test_a_sign_of_two_strokes_is_learnt_with_both_however_far_apart():
    both, one = building.made_ready(sources.Labelled("here", "=", bars(), False), True, False)
    assert (strokes(both), strokes(one)) == (2, 1)


@pytest.mark.parametrize(
    ("labels", "names", "expected"),
    [
        ("0123456789", "", 1),
        ("0123456789", "abcdefghij", 2),
        ("01", "", 2),
        ("0123456789+", "", 2),
        ("+0123456789", "", 2),
    ],
)
def test_pictures_are_learnt_as_the_network_that_learns_them_reads_them(labels, names, expected):
    """Ten digits are read as digits; any other set, of digits too, as symbols."""
    rows = [sources.Labelled(f"{label}/{n}", label, bars(n), False) for label in labels for n in range(10)]
    made = building.built(sources.Source(iter(rows), len(rows)), names=list(names))
    assert datasets.are_digits(made.class_names) == (expected == 1)
    pictures = np.concatenate((made.arrays["x_train"], made.arrays["x_test"]))
    assert len(pictures) == len(rows) and {strokes(each) for each in pictures} == {expected}


def test_values_that_do_not_reach_far_are_stretched(tmp_path):
    rows = [("", "0", np.full((4, 4), 16, np.uint8)), ("", "1", np.full((4, 4), 8, np.uint8))]
    assert [int(picture.max()) for _, _, picture in tables.stretched(iter(rows))] == [255, 128]


def test_pictures_that_come_twice_count_once(tmp_path, pictures):
    twice = {**pictures, **{f"{name[:2]}again-{name[2:]}": data for name, data in pictures.items()}}
    built = building.build([signs.folder(tmp_path / "mine", twice)])
    assert built.duplicates == 48 and sum(built.counts) == 48


def coloured(colour):
    grey = signs.drawn("+", 1)
    return np.where(grey[..., None] < 128, np.uint8(colour), np.uint8(255)).astype(np.uint8)


def test_colours_and_oblong_pictures_are_taken(tmp_path, pictures):
    oblong = np.full((200, 600), 255, np.uint8)
    oblong[60:140, 260:340] = signs.drawn("+", 2)[60:220:2, 60:220:2]
    more = {"+/red.png": signs.png(coloured((200, 30, 30))), "+/oblong.png": signs.png(oblong)}
    assert building.build([signs.folder(tmp_path / "mine", pictures | more)]).counts == [14, 12, 12, 12]


ODD = {
    "an empty file": ({"+/99.png": b""}, "+/99.png is empty"),
    "no picture": ({"-/list.txt": b"nothing"}, "-/list.txt is not a picture"),
    "a blank one": ({"x/98.png": signs.png(np.full((60, 60), 255, np.uint8))}, "x/98.png: "),
    "no folder": ({"lost.png": signs.png(signs.drawn("+", 1))}, "lost.png lies in no folder"),
    "few": ({"o/1.png": signs.png(signs.drawn("+", 1))}, "o/1.png: its class 'o' has one picture"),
    "a long name": ({f"{'n' * 30}/1.png": b""}, f"{'n' * 30}/1.png: a class is named by 1 to 24"),
}


@pytest.mark.parametrize("what", ODD)
def test_the_first_file_that_does_not_fit_is_named(tmp_path, pictures, what):
    more, said = ODD[what]
    assert said in refusal(signs.folder(tmp_path / "mine", {**pictures, **more}))


def test_one_class_and_twenty_one_are_refused(tmp_path):
    one = signs.folder(tmp_path / "one", signs.files("+"))
    assert "all pictures are of one class, '+'" in refusal(one)
    many = {f"{n}/1.png": signs.png(signs.drawn("+", n)) for n in range(21)}
    assert refusal(signs.folder(tmp_path / "many", many)).startswith(
        "20/1.png: its class '20' is one more than"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "label,a,b,c,d,e\n1,2,3,4,5,6\n",
            "t.csv has a label and 5 pixels a row: expected those of a square picture",
        ),
        ("label," + ",".join("p" * 3072) + "\n", "32 x 32 in three colours: expected grey pictures"),
        (
            "label," + ",".join("p" * 16) + "\n1," + "0," * 15 + "300\n",
            "t.csv, line 2: expected pixels from 0 to 255",
        ),
        ("label," + ",".join("p" * 16) + "\n1,2\n", "t.csv, line 2 has 2 cells, the first line has 17"),
        ("label," + ",".join("p" * 16) + "\n1," + "0," * 15 + "ink\n", "got 'ink'"),
        ("", "t.csv is empty"),
    ],
)
def test_a_csv_that_does_not_fit_names_its_line(tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    assert said in refusal(tmp_path / "t.csv")


def test_idx_files_that_do_not_fit_are_named(tmp_path):
    images, labels = digits(20)
    pixels, answers = tmp_path / "images-idx3-ubyte", tmp_path / "labels-idx1-ubyte"
    pixels.write_bytes(idx.pack(images))
    answers.write_bytes(idx.pack(labels[:19]))
    assert (
        refusal([pixels, answers])
        == "labels-idx1-ubyte has 19 labels, but images-idx3-ubyte has 20 pictures."
    )
    answers.write_bytes(idx.pack(labels))
    pixels.write_bytes(idx.pack(images)[:-5])
    assert refusal([pixels, answers]) == "images-idx3-ubyte ends at picture 20."
    pixels.write_bytes(idx.pack(np.zeros((20, 8, 8, 3), np.uint8)))
    assert "holds 20 x 8 x 8 x 3 bytes: expected grey pictures" in refusal([pixels, answers])
    assert "one idx file of pictures and one of labels" in refusal([answers])


def test_what_swells_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(4):
            archive.writestr(f"a/{n}.png", bytes(20 * 2**20))
    monkeypatch.setattr(tree, "MOST_UNPACKED", 50 * 2**20)
    assert "unpacks to more than the 50 MB that are read; a/2.png is the first" in refusal(bomb)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.png", bytes(40 * 2**20))
    assert "a/1.png: This file has 40 MB" in refusal(bomb)
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(b"1," * 2**20))
    monkeypatch.setattr(tree, "MOST_TABLE_BYTES", 2**20)
    assert "t.csv.gz unpacks to more than the 1 MB that are read" in refusal(packed)


def test_too_many_pictures_and_files_are_refused(tmp_path, pictures, monkeypatch):
    place = signs.folder(tmp_path / "mine", pictures)
    monkeypatch.setattr(building, "MOST", 20)
    assert refusal(place).startswith("-/08.png is one more than the 20 pictures")
    monkeypatch.setattr(tree, "MOST_FILES", 30)
    assert "mine holds more than the 30 files that are read" in refusal(place)


def test_a_picture_of_far_too_many_pixels_is_named(tmp_path, pictures):
    huge = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000), 1).save(huge)
    assert refusal(signs.folder(tmp_path / "mine", {**pictures, "+/huge.png": huge.read_bytes()})).startswith(
        "+/huge.png has "
    )


def test_a_damaged_description_is_a_sentence_and_gone_pictures_are_too(tmp_path, pictures, data_folder):
    add(signs.folder(tmp_path / "mine", pictures))
    (data_folder / "signs" / paths.DATA).unlink()
    assert datasets.describe("signs").title == "signs" and not datasets.is_available("signs")
    with pytest.raises(DatasetError, match=r"The pictures of signs are no longer on this machine\."):
        datasets.load("signs", "train")
    (data_folder / "signs" / paths.DATASET).write_text('{"title": "signs"}')
    with pytest.raises(DatasetError, match="is damaged"):
        datasets.describe("signs")


@pytest.mark.parametrize("name", ["Mine", "own-" + "0" * 32, "mnist", "a/b", "", "../x"])
def test_names_that_are_taken_or_none_are_refused(name):
    with pytest.raises(DatasetError):
        own.check_new(name)
