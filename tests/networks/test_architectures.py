"""The computed list of layers is the network that Keras builds."""

import pytest

from digitcore.networks import architectures
from digitcore.networks.ranges import ARCHITECTURES
from digitcore.networks.settings import Settings

VARIANTS = [Settings.for_architecture(name) for name in ARCHITECTURES] + [
    Settings.for_architecture("mlp-128", dropout=0.3),
    Settings.for_architecture("deeper-cnn", dropout=0.0),
    Settings.for_architecture("custom", depth=5, width=8, activation="gelu"),
]


@pytest.mark.parametrize("settings", VARIANTS, ids=lambda s: f"{s.architecture}-{s.dropout}-{s.depth}")
def test_layers_shapes_and_parameters_equal_those_of_keras(settings):
    model = architectures.build(settings)
    expected = [
        (type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params()) for layer in model.layers
    ]
    listed = [(l.kind, l.output_shape, l.parameters) for l in architectures.layers(settings)]  # noqa: E741
    assert listed == expected
    assert architectures.parameter_count(settings) == model.count_params()


def test_the_projects_that_this_one_continues_find_their_networks():
    def texts(name):
        return [layer.text for layer in architectures.layers(Settings.for_architecture(name))]

    assert texts("mlp-128") == ["Flatten", "Dense 128, relu", "Dense 10, softmax"]
    assert texts("mlp-128-128") == ["Flatten", "Dense 128, relu", "Dense 128, relu", "Dense 10, softmax"]
    kinds = [text.split()[0] for text in texts("simple-cnn")]
    assert kinds == ["Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense"]
    assert {"Conv2D", "MaxPooling2D", "Dropout", "Dense"} <= {text.split()[0] for text in texts("cnn")}
    assert "Dense 256, relu" in texts("deeper-cnn")


def test_parameters_of_the_first_perceptron_by_hand():
    # 784·128 + 128, then 128·10 + 10
    assert architectures.parameter_count(Settings.for_architecture("mlp-128")) == 101_770


def test_depth_and_width_of_the_custom_network_are_settings():
    settings = Settings.for_architecture("custom", depth=3, width=64, dropout=0.0, activation="tanh")
    assert [layer.text for layer in architectures.layers(settings)] == [
        "Flatten",
        "Dense 64, tanh",
        "Dense 64, tanh",
        "Dense 64, tanh",
        "Dense 10, softmax",
    ]


def test_a_network_that_learns_from_non_digits_has_one_more_output():
    assert architectures.outputs(Settings()) == 10
    assert architectures.outputs(Settings(negatives=0.2)) == 11


def test_a_convolution_multiplies_at_each_position_and_a_dense_layer_once():
    dense = Settings(architecture="mlp-128")
    assert architectures.multiplications(dense) == architectures.parameter_count(dense)
    by_hand = 320 * 26 * 26 + 18_496 * 11 * 11 + 1601 * 128 + 129 * 10
    assert architectures.multiplications(Settings(architecture="simple-cnn")) == by_hand
