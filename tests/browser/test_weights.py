"""A trained network is packed for the browser from its `.keras` file alone, or one sentence says why not."""

import json
import shutil
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from benchmarks.support import random_networks
from digitcore import paths
from digitcore.browser import weights
from digitcore.errors import ModelError
from digitcore.networks import architectures, model_store

KINDS = random_networks.kinds()


def header(packed):
    assert packed[:8] == weights.MAGIC
    (length,) = struct.unpack("<I", packed[8:12])
    assert (12 + length) % 4 == 0, "what follows must lie at a multiple of four"
    return json.loads(packed[12 : 12 + length])


@pytest.mark.parametrize("name", KINDS)
def test_every_network_that_train_can_make_is_packed_with_its_layers_and_shapes(made, name):
    settings = KINDS[name]
    packed = weights.packed(made(name)[1], random_networks.card(name, settings))
    layers = architectures.layers(settings)
    with_numbers = [layer for layer in layers if layer.kind in ("Conv2D", "MaxPooling2D", "Dense")]
    found = header(packed)["layers"]
    assert [(layer["kind"], tuple(layer["shape"])) for layer in found] == [
        (layer.kind, layer.output_shape) for layer in with_numbers
    ]
    assert len({layer["name"] for layer in found}) == len(found)


@pytest.mark.parametrize("name", KINDS)
def test_the_same_network_at_another_time_is_packed_from_its_numbers(made, name, tmp_path):
    settings = KINDS[name]
    card, (_, file) = random_networks.card(name, settings), made(name)
    model = random_networks.built(settings)
    numbers = model.get_weights()
    model.save(tmp_path / "again.keras")
    assert weights.packed(file, card, numbers=numbers) == weights.packed(tmp_path / "again.keras", card)
    for wrong in (numbers[:-1], [*numbers, numbers[0]], [numbers[0].T, *numbers[1:]]):
        with pytest.raises(ModelError, match="These weights are of a network with"):
            weights.packed(file, card, numbers=wrong)


def test_a_layer_is_called_what_train_calls_it_with_its_activation():
    texts = [layer["text"] for layer in header(weights.of_model("digitnet-nano"))["layers"]]
    assert texts == [
        "Conv2D 14, 5×5, every 2nd pixel, relu",
        "Conv2D 18, 3×3, relu",
        "Conv2D 26, 3×3, every 2nd pixel, relu",
        "MaxPooling2D 2×2",
        "Dense 10, softmax",
    ]


@pytest.mark.parametrize("name", model_store.shipped())
def test_the_answer_depends_on_the_same_figures_as_on_the_server(name):
    found, network = header(weights.of_model(name)), model_store.load(name)
    assert found["class_names"] == list(network.class_names)
    assert found["temperature"] == network.temperature
    assert found["threshold"] == network.threshold
    assert found["not_a_digit"] == {
        "known": network.knows_others,
        "threshold": network.digitness_threshold,
    }


def test_a_run_folder_is_packed_like_a_shipped_model():
    folder = next(iter(sorted(paths.MODELS.glob("recorded/*"))))
    assert header(weights.of_model(str(folder)))["layers"][-1]["kind"] == "Dense"


def test_smaller_weights_make_smaller_files():
    sizes = {precision: len(weights.of_model("digitnet", precision)) for precision in weights.PRECISIONS}
    assert sizes["float16"] < 0.51 * sizes["float32"]
    assert sizes["int8"] < 0.27 * sizes["float32"]


def test_packing_loads_no_tensorflow():
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from digitcore.browser import weights; weights.of_model('digitnet');"
            "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


def says(keras, card=None):
    with pytest.raises(ModelError) as caught:
        weights.packed(keras, card or model_store.card("digitnet"))
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def rewritten(tmp_path, change):
    """digitnet's `.keras` with other settings of its layers."""
    path = tmp_path / "changed.keras"
    with zipfile.ZipFile(paths.MODELS / "digitnet.keras") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                change(config["config"]["layers"])
                content = json.dumps(config)
            new.writestr(name, content)
    return path


def test_a_layer_that_the_browser_does_not_know_is_named(tmp_path):
    def other(layers):
        layers[3]["class_name"] = "LeakyReLU"

    assert "LeakyReLU" in says(rewritten(tmp_path, other))


def test_an_activation_that_the_browser_does_not_know_is_named(tmp_path):
    def other(layers):
        layers[3]["config"]["activation"] = "swish"

    assert "swish" in says(rewritten(tmp_path, other))


def test_a_convolution_with_gaps_is_refused(tmp_path):
    def other(layers):
        layers[4]["config"]["dilation_rate"] = [2, 2]

    assert "gaps" in says(rewritten(tmp_path, other))


def test_a_network_that_is_no_chain_is_refused():
    assert "chain" in says(paths.MODELS / "line-reader" / "model.keras")


def test_a_card_with_one_output_more_is_refused():
    assert "each class" in says(paths.MODELS / "digitnet-nano.keras", model_store.card("digitnet"))


def test_a_damaged_file_and_one_that_is_gone_are_refused(tmp_path):
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes((paths.MODELS / "digitnet.keras").read_bytes()[:-2000])
    assert "not a readable" in says(damaged)
    assert "not a readable" in says(tmp_path / "gone.keras")


def test_a_file_that_its_card_does_not_describe_is_refused(tmp_path):
    source = sorted(paths.MODELS.glob("recorded/*"))[0]
    shutil.copytree(source, tmp_path / "run")
    other = np.frombuffer((tmp_path / "run" / "model.keras").read_bytes(), np.uint8).copy()
    other[len(other) // 2] ^= 1
    (tmp_path / "run" / "model.keras").write_bytes(other.tobytes())
    with pytest.raises(ModelError, match="not the file that the card"):
        weights.of_model(str(tmp_path / "run"))


def test_a_model_without_its_keras_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"no \.keras file"):
        weights.of_model(str(tmp_path))


def test_an_unknown_precision_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="float16"):
        weights.of_model("digitnet", "float8")
