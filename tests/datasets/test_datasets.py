import dataclasses
import gzip
import hashlib
import http.server
import io
import os
import pickle
import socket
import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest

from digitcore import datasets
from digitcore.datasets import background, catalogue, download, idx, storage
from digitcore.errors import DatasetError
from tests.datasets.idx_fixture import N_TEST, N_TRAIN, N_VALIDATION, install_small_fashion, write_packed

PUBLISHED_MD5 = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.fixture
def fashion(monkeypatch, tmp_path):
    """The tiny Fashion-MNIST, fetched nowhere: its arrays and its files' bytes."""
    return install_small_fashion(monkeypatch, tmp_path)


@pytest.fixture
def damaged_mnist(monkeypatch, tmp_path):
    """MNIST with one byte changed, in a place of its own."""
    data = bytearray(catalogue.store("mnist").path.read_bytes())
    data[5_000_000] ^= 1
    path = tmp_path / "mnist.npz"
    path.write_bytes(data)
    monkeypatch.setitem(catalogue._STORES, "mnist", dataclasses.replace(catalogue.store("mnist"), path=path))
    return path


@pytest.fixture
def publisher(monkeypatch, tmp_path):
    """A web server on this machine that publishes the tiny Fashion-MNIST; (address, folder it serves)."""
    folder = tmp_path / "published"

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        _, contents = install_small_fashion(monkeypatch, tmp_path, url=address)
        write_packed(folder, contents)
        yield address, folder
        server.shutdown()


def test_both_data_sets_are_described_without_opening_a_file():
    assert datasets.names() == ("mnist", "fashion-mnist")
    mnist, fashion = map(datasets.describe, datasets.names())
    assert mnist.is_digits and mnist.class_names == tuple("0123456789")
    assert not fashion.is_digits and fashion.class_names[9] == "Ankle boot"
    assert (mnist.licence, fashion.licence) == ("CC BY-SA 3.0", "MIT")
    assert "zalandoresearch" in fashion.source
    with pytest.raises(dataclasses.FrozenInstanceError):
        mnist.title = "other"


@pytest.mark.parametrize("question", [datasets.describe, datasets.is_available, datasets.sha256])
def test_an_unknown_name_is_answered_with_the_known_ones(question):
    with pytest.raises(DatasetError, match="'emnist'; there are: mnist, fashion-mnist"):
        question("emnist")


def test_mnist_is_the_published_one_byte_for_byte():
    store = catalogue.store("mnist")
    for key, md5 in PUBLISHED_MD5.items():
        array = np.concatenate(list(store.blocks(key)))
        assert hashlib.md5(idx.pack(array)).hexdigest() == md5


def test_sha256_of_mnist_is_that_of_its_file():
    path = catalogue.store("mnist").path
    assert datasets.sha256("mnist") == hashlib.sha256(path.read_bytes()).hexdigest()


def test_train_and_validation_together_are_the_60000_each_once():
    x_train, y_train = datasets.load("mnist", "train")
    x_validation, y_validation = datasets.load("mnist", "validation")

    assert x_train.shape == (55_000, 28, 28) and x_validation.shape == (5_000, 28, 28)
    assert x_train.dtype == y_train.dtype == x_validation.dtype == y_validation.dtype == np.uint8
    with np.load(catalogue.store("mnist").path, allow_pickle=False) as published:
        x, y = published["x_train"], published["y_train"]
    ours = np.column_stack(
        [
            np.concatenate([x_train, x_validation]).reshape(60_000, -1),
            np.concatenate([y_train, y_validation]),
        ]
    )
    theirs = np.column_stack([x.reshape(60_000, -1), y])
    assert sorted(map(bytes, ours)) == sorted(map(bytes, theirs))


def test_test_is_the_published_10000_in_their_order():
    images, labels = datasets.load("mnist", "test")
    with np.load(catalogue.store("mnist").path, allow_pickle=False) as published:
        np.testing.assert_array_equal(images, published["x_test"])
        np.testing.assert_array_equal(labels, published["y_test"])


def test_fewer_training_digits_are_a_prefix_of_more():
    x_all, y_all = datasets.load("mnist", "train")
    x_few, y_few = datasets.load("mnist", "train", n_train=300)
    np.testing.assert_array_equal(x_few, x_all[:300])
    np.testing.assert_array_equal(y_few, y_all[:300])
    np.testing.assert_array_equal(datasets.load_labels("mnist", "train", 300), y_few)


def test_the_split_never_changes():
    # Cards name this split: a different one would make every shipped figure untrue.
    labels = datasets.load_labels("mnist", "validation")
    expected = "01d3d50eb6459d1709d9805a406433a41d9517b933c3fcb932a8d75ae166a1bd"
    assert hashlib.sha256(labels.tobytes()).hexdigest() == expected


def test_every_class_is_in_the_first_100_training_digits():
    assert set(datasets.load_labels("mnist", "train", 100)) == set(range(10))


@pytest.mark.parametrize("n_train", [0, -1, 55_001])
def test_an_impossible_number_of_training_digits_names_the_range(n_train):
    with pytest.raises(DatasetError, match=f"1 to 55000 training digits, got {n_train}"):
        datasets.load("mnist", "train", n_train=n_train)


def test_a_number_of_training_digits_makes_no_sense_for_test():
    with pytest.raises(DatasetError, match="not to 'test'"):
        datasets.load("mnist", "test", n_train=10)


def test_an_unknown_part_is_refused():
    with pytest.raises(DatasetError, match="'train', 'validation' or 'test', got 'dev'"):
        datasets.load("mnist", "dev")


def test_labels_come_without_the_images(monkeypatch):
    opened = []
    store = catalogue.store("mnist")
    blocks = type(store).blocks
    monkeypatch.setattr(type(store), "blocks", lambda self, key: opened.append(key) or blocks(self, key))

    assert len(datasets.load_labels("mnist", "test")) == 10_000
    assert opened == ["y_test"]


def test_a_damaged_mnist_is_refused_in_one_sentence(damaged_mnist):
    with pytest.raises(DatasetError, match=r"MNIST is damaged: .*mnist\.npz should have the SHA-256 06af5d"):
        datasets.load("mnist", "test")
    with pytest.raises(DatasetError, match="damaged"):
        datasets.fetch("mnist")


def test_a_missing_mnist_is_not_available_and_says_so(damaged_mnist):
    damaged_mnist.unlink()
    assert not datasets.is_available("mnist")
    with pytest.raises(DatasetError, match="MNIST is missing"):
        datasets.load_labels("mnist", "test")


def test_fetching_mnist_only_checks_what_is_there():
    assert datasets.fetch("mnist") == catalogue.store("mnist").path.parent


def test_idx_header_is_read_as_published():
    data = bytes.fromhex("00000803 0000ea60 0000001c 0000001c")
    assert idx.read_shape(io.BytesIO(data).read) == (60_000, 28, 28)
    assert idx.file_size((60_000, 28, 28)) == 47_040_016


@pytest.mark.parametrize("start", [b"", b"PK\3\4", b"\0\0\x0d\1", b"\0\0\x08\3\0\0"])
def test_what_is_not_idx_of_bytes_is_refused(start):
    with pytest.raises(DatasetError):
        idx.read_shape(io.BytesIO(start).read)


@pytest.mark.parametrize("packed", [True, False])
def test_idx_files_are_read_plain_or_packed(fashion, tmp_path, packed):
    arrays, contents = fashion
    folder = tmp_path / "data" / "fashion-mnist"
    write_packed(folder, contents)
    if not packed:
        for path in list(folder.iterdir()):
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()

    assert datasets.is_available("fashion-mnist")
    images, labels = datasets.load("fashion-mnist", "test")
    np.testing.assert_array_equal(images, arrays["x_test"])
    np.testing.assert_array_equal(labels, arrays["y_test"])
    x_train, y_train = datasets.load("fashion-mnist", "train")
    assert x_train.shape == (N_TRAIN, 28, 28)
    assert datasets.load("fashion-mnist", "validation")[0].shape == (N_VALIDATION, 28, 28)
    row = int(np.flatnonzero((arrays["x_train"] == x_train[3]).all(axis=(1, 2)))[0])
    assert arrays["y_train"][row] == y_train[3]


def test_the_systems_own_copy_is_read_where_it_lies(fashion, tmp_path):
    write_packed(tmp_path / "system", fashion[1])
    assert datasets.is_available("fashion-mnist")
    assert len(datasets.load_labels("fashion-mnist", "test")) == N_TEST


def test_without_its_files_fashion_names_the_command_that_fetches_it(fashion):
    assert not datasets.is_available("fashion-mnist")
    with pytest.raises(DatasetError, match="python -m digitcore datasets fetch fashion-mnist"):
        datasets.load("fashion-mnist", "train")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data[:7] + bytes([data[7] + 1]) + data[8:],
        lambda data: b"<html>not found</html>",
        lambda data: b"",
    ],
    ids=["short", "long", "changed", "other shape", "a web page", "empty"],
)
@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["packed", "plain"])
def test_a_damaged_idx_file_is_refused(fashion, tmp_path, spoil, pack):
    folder = tmp_path / "data" / "fashion-mnist"
    write_packed(folder, fashion[1])
    name = "t10k-images-idx3-ubyte"
    (folder / f"{name}.gz").unlink()
    (folder / (name if pack is bytes else f"{name}.gz")).write_bytes(pack(spoil(fashion[1][name])))

    with pytest.raises(DatasetError, match=r"Fashion-MNIST is damaged: .*; fetch it again\.$"):
        datasets.load("fashion-mnist", "test")


def test_a_cut_gz_file_is_refused(fashion, tmp_path):
    folder = tmp_path / "data" / "fashion-mnist"
    write_packed(folder, fashion[1])
    path = folder / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DatasetError, match="damaged"):
        datasets.load("fashion-mnist", "test")


def test_fetch_downloads_verifies_and_reports(publisher, tmp_path):
    seen = []

    folder = datasets.fetch("fashion-mnist", progress=lambda done, total: seen.append((done, total)))

    assert folder == tmp_path / "data" / "fashion-mnist"
    assert datasets.is_available("fashion-mnist")
    assert len(datasets.load("fashion-mnist", "train")[0]) == N_TRAIN
    total = sum(path.stat().st_size for path in folder.iterdir())
    assert seen[0] == (0, total) and seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert download.fetched_bytes("fashion-mnist") == download.total_bytes("fashion-mnist") == total


def test_a_second_fetch_needs_no_network(publisher, tmp_path):
    folder = datasets.fetch("fashion-mnist", directory=tmp_path / "elsewhere")
    for path in publisher[1].iterdir():
        path.unlink()
    assert datasets.fetch("fashion-mnist", directory=folder) == folder


def test_a_second_fetch_replaces_only_what_is_damaged(publisher):
    folder = datasets.fetch("fashion-mnist")
    good, bad = folder / "train-images-idx3-ubyte", folder / "t10k-labels-idx1-ubyte"
    before = good.stat().st_mtime_ns
    bad.write_bytes(b"damaged")

    datasets.fetch("fashion-mnist")

    assert good.stat().st_mtime_ns == before
    assert len(datasets.load_labels("fashion-mnist", "test")) == N_TEST


def test_fetch_takes_the_systems_copy_without_network(fashion, tmp_path):
    write_packed(tmp_path / "system", fashion[1])
    folder = datasets.fetch("fashion-mnist")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == fashion[1]


def test_a_damaged_system_copy_is_passed_over_for_the_publishers(publisher, tmp_path):
    system = tmp_path / "system"
    system.mkdir()
    (system / "t10k-labels-idx1-ubyte.gz").write_bytes(b"junk")
    folder = datasets.fetch("fashion-mnist")
    assert len(datasets.load_labels("fashion-mnist", "test")) == N_TEST
    assert (folder / "t10k-labels-idx1-ubyte").is_file()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: gzip.compress(gzip.decompress(data)[:-1] + b"?"),
        lambda data: gzip.compress(gzip.decompress(data) + bytes(5_000_000)),
        lambda data: gzip.compress(gzip.decompress(data)[:-9]),
        lambda data: data[:-20],
        lambda data: b"<html>Please log in to the school network</html>",
    ],
    ids=["changed", "endless", "short", "cut", "login page"],
)
def test_what_is_not_the_published_file_is_never_stored(publisher, tmp_path, spoil):
    path = publisher[1] / "train-images-idx3-ubyte.gz"
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(DatasetError, match=r"^Fashion-MNIST .*train-images"):
        datasets.fetch("fashion-mnist")

    assert not datasets.is_available("fashion-mnist")
    assert list((tmp_path / "data" / "fashion-mnist").iterdir()) == []


def test_a_missing_page_at_the_publisher_is_one_sentence(publisher):
    (publisher[1] / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(
        DatasetError, match=r"could not be downloaded from http://127.* \(HTTP Error 404.*\.$"
    ):
        datasets.fetch("fashion-mnist")


def test_without_network_fetch_says_so(monkeypatch, tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    install_small_fashion(monkeypatch, tmp_path, url=f"http://127.0.0.1:{port}/")
    with pytest.raises(
        DatasetError,
        match=r"could not be downloaded from .* \(Connection refused\), which needs the internet\.$",
    ):
        datasets.fetch("fashion-mnist")


def test_a_silent_publisher_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        install_small_fashion(monkeypatch, tmp_path, url=f"http://127.0.0.1:{port}/")
        with pytest.raises(DatasetError, match="timed out"):
            datasets.fetch("fashion-mnist")


def test_a_folder_that_cannot_be_made_is_one_sentence(fashion, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="could not be stored in"):
        datasets.fetch("fashion-mnist", directory=tmp_path / "file" / "below")


def test_leavings_of_a_killed_fetch_go_with_the_next(publisher, tmp_path):
    folder = tmp_path / "data" / "fashion-mnist"
    folder.mkdir(parents=True)
    old, young = folder / "a-ubyte.x.part", folder / "b-ubyte.y.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    datasets.fetch("fashion-mnist")
    assert not old.exists() and young.exists()


def test_the_real_fashion_is_fetched_over_https_and_hashed():
    store = catalogue._STORES["fashion-mnist"]
    assert store.url.startswith("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/")
    assert len({file.sha256 for file in store.files.values()}) == 4


@pytest.mark.skipif(
    not catalogue.store("fashion-mnist").system_folder.is_dir(),
    reason="dataset-fashion-mnist is not installed",
)
def test_debians_copy_is_the_published_fashion(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path))
    for part, n in (("train", 55_000), ("validation", 5_000), ("test", 10_000)):
        images, labels = datasets.load("fashion-mnist", part)
        assert images.shape == (n, 28, 28) and set(labels) == set(range(10))


def test_a_background_fetch_runs_once_and_ends():
    fetch = background.BackgroundFetch(
        "fashion-mnist", [sys.executable, "-c", "import time; time.sleep(0.5)"]
    )
    assert not fetch.running and fetch.error is None
    fetch.start()
    first = fetch._process
    fetch.start()
    assert fetch.running and fetch._process is first
    wait_for_end(fetch)
    assert fetch.error is None


def test_a_failed_background_fetch_tells_its_last_line():
    code = r"import sys; print('10 %\r20 %\rNo network.', file=sys.stderr); sys.exit(1)"
    fetch = background.BackgroundFetch("fashion-mnist", [sys.executable, "-c", code])
    fetch.start()
    wait_for_end(fetch)
    assert fetch.error == "No network."


def test_a_silent_failure_still_has_a_sentence():
    fetch = background.BackgroundFetch("fashion-mnist", [sys.executable, "-c", "raise SystemExit(3)"])
    fetch.start()
    wait_for_end(fetch)
    assert fetch.error == "The fetch ended with code 3."


def test_the_command_itself_says_in_one_sentence_why_it_failed(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path / "file"))
    fetch = background.BackgroundFetch("fashion-mnist")
    fetch.start()
    wait_for_end(fetch)
    assert fetch.error.startswith("Fashion-MNIST could not be stored in") and fetch.error.endswith(".")


def wait_for_end(fetch, seconds=100):
    end = time.monotonic() + seconds
    while fetch.running:
        assert time.monotonic() < end, "the process never ended"
        time.sleep(0.02)


@pytest.mark.parametrize("part", datasets.PARTS)
def test_a_summary_is_what_the_whole_arrays_say(part, monkeypatch):
    monkeypatch.setattr(storage, "BLOCK_ROWS", 777)
    images, labels = datasets.load("mnist", part)

    summary = datasets.summarise("mnist", part, per_class=7)

    np.testing.assert_array_equal(summary.counts, np.bincount(labels))
    for digit in range(10):
        mean = images[labels == digit].mean(axis=0) / 255
        np.testing.assert_allclose(summary.means[digit], mean, atol=1e-6)
        assert summary.samples[digit].shape == (7, 28, 28)
        known = set(map(bytes, images[labels == digit]))
        assert all(bytes(sample) in known for sample in summary.samples[digit])


def test_a_summary_of_few_pictures_has_no_more_samples_than_there_are(fashion, tmp_path):
    write_packed(tmp_path / "system", fashion[1])
    summary = datasets.summarise("fashion-mnist", "validation", per_class=50)
    assert summary.counts.sum() == N_VALIDATION
    assert [len(samples) for samples in summary.samples] == list(summary.counts)
    assert np.isfinite(summary.means).all()


def test_a_summary_never_holds_the_47_megabytes_of_images():
    tracemalloc.start()
    try:
        summary = datasets.summarise("mnist", "train", per_class=200)
        datasets.load_labels("mnist", "train")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 15_000_000
    assert len(pickle.dumps(summary)) < 2_000_000
