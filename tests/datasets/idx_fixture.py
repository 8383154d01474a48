"""A tiny Fashion-MNIST: the real one's format and class names, thirty training and ten test pictures."""

import dataclasses
import gzip
import hashlib

import numpy as np

from digitcore.datasets import catalogue, idx
from digitcore.datasets.storage import IdxFile

N_TRAIN, N_VALIDATION, N_TEST = 24, 6, 10


def small_arrays():
    random = np.random.default_rng(7)
    n = N_TRAIN + N_VALIDATION
    return {
        "x_train": random.integers(0, 256, (n, 28, 28), np.uint8),
        "y_train": (np.arange(n) % 10).astype(np.uint8),
        "x_test": random.integers(0, 256, (N_TEST, 28, 28), np.uint8),
        "y_test": np.arange(N_TEST)[::-1].astype(np.uint8),
    }


def install_small_fashion(monkeypatch, tmp_path, url="http://127.0.0.1:9/"):
    """Let "fashion-mnist" be the tiny one, nothing fetched yet; return (arrays, {filename: bytes})."""
    arrays = small_arrays()
    real = catalogue.store("fashion-mnist")
    contents = {real.files[key].filename: idx.pack(array) for key, array in arrays.items()}
    files = {
        key: IdxFile(file.filename, arrays[key].shape, hashlib.sha256(contents[file.filename]).hexdigest())
        for key, file in real.files.items()
    }
    small = dataclasses.replace(real, files=files, url=url, system_folder=tmp_path / "system")
    info = dataclasses.replace(
        catalogue.describe("fashion-mnist"), n_train=N_TRAIN, n_validation=N_VALIDATION, n_test=N_TEST
    )
    monkeypatch.setitem(catalogue._STORES, "fashion-mnist", small)
    monkeypatch.setitem(catalogue._INFOS, "fashion-mnist", info)
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return arrays, contents


def write_packed(folder, contents):
    """Put the files into `folder` as a publisher or a package would: with .gz."""
    folder.mkdir(parents=True, exist_ok=True)
    for filename, data in contents.items():
        (folder / f"{filename}.gz").write_bytes(gzip.compress(data))
