"""Which data sets there are, what they contain, and where each is kept."""

from pathlib import Path

from digitcore.datasets import own
from digitcore.datasets.info import DatasetInfo
from digitcore.datasets.storage import IdxFile, IdxStore, NpzStore
from digitcore.errors import DatasetError

_INFOS = {
    "mnist": DatasetInfo(
        name="mnist",
        title="MNIST",
        class_names=tuple("0123456789"),
        source="Yann LeCun, Corinna Cortes and Christopher J. C. Burges, http://yann.lecun.com/exdb/mnist/",
        licence="CC BY-SA 3.0",
    ),
    "fashion-mnist": DatasetInfo(
        name="fashion-mnist",
        title="Fashion-MNIST",
        class_names=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        source="Zalando Research, https://github.com/zalandoresearch/fashion-mnist",
        licence="MIT",
        fetched=True,
    ),
}

_STORES = {
    "mnist": NpzStore(
        title="MNIST",
        path=Path(__file__).with_name("mnist.npz"),
        sha256="06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64",
    ),
    # The hashes are of the unpacked files: GitHub and Debian pack the same content into different .gz bytes.
    "fashion-mnist": IdxStore(
        name="fashion-mnist",
        title="Fashion-MNIST",
        url="https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        system_folder=Path("/usr/share/datasets/fashion-mnist"),
        files={
            "x_train": IdxFile(
                "train-images-idx3-ubyte",
                (60_000, 28, 28),
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            "y_train": IdxFile(
                "train-labels-idx1-ubyte",
                (60_000,),
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            "x_test": IdxFile(
                "t10k-images-idx3-ubyte",
                (10_000, 28, 28),
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            "y_test": IdxFile(
                "t10k-labels-idx1-ubyte",
                (10_000,),
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        },
    ),
}


def names() -> tuple[str, ...]:
    """Return the names of the data sets that everybody here may use: MNIST first, then those known to the
    program, then those added on this machine (`own`). A visitor's own are not among them."""
    return (*_INFOS, *(name for name in own.added() if name not in _INFOS))


def published() -> tuple[str, ...]:
    """Return the names of the data sets that the program knows, wherever it runs."""
    return tuple(_INFOS)


def is_known(name: object) -> bool:
    """Return True if `name` is a data set's, a visitor's own included, although its pictures may be gone."""
    return isinstance(name, str) and (name in _INFOS or own.is_there(name))


def describe(name: str) -> DatasetInfo:
    """Return the description of the data set `name`; DatasetError if there is none of that name."""
    if name in _INFOS:
        return _INFOS[name]
    if own.is_there(name):
        return own.describe(name)
    raise DatasetError(f"There is no data set {name!r}; there are: {', '.join(names())}.")


def store(name: str) -> NpzStore | IdxStore:
    """Return where the arrays of `name` are kept; DatasetError if there is none of that name."""
    describe(name)
    return _STORES[name] if name in _STORES else own.store(name)


def is_available(name: str) -> bool:
    """Return True if the files of `name` are on this machine (they are not opened)."""
    return store(name).is_available()


def sha256(name: str) -> str:
    """Return the SHA-256 that identifies the data of `name`; `load` checks it.

    For MNIST it is that of `mnist.npz`; for idx files it is computed over the four files' own SHA-256, in
    hex, one per line: training images, training labels, test images, test labels.
    """
    return store(name).digest()
