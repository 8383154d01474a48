"""In Chromium a network answers as LiteRT and Keras do, and its way back is its way forward's slope."""

import numpy as np
import pytest

from benchmarks.support import in_browser, random_networks
from digitcore import datasets
from digitcore.browser import weights
from digitcore.networks import model_store

KINDS = random_networks.kinds()


@pytest.fixture(scope="module")
def digits():
    return datasets.load("mnist", "validation")[0][:100].astype(np.float32) / 255


@pytest.mark.parametrize("name", model_store.shipped())
def test_a_shipped_network_gives_what_litert_gives(modules, digits, name):
    expected = model_store.load(name).outputs(digits)
    assert np.abs(in_browser.outputs(modules, weights.of_model(name), digits) - expected).max() < 1e-5


@pytest.mark.parametrize("name", KINDS)
def test_every_network_that_train_can_make_gives_what_keras_gives(modules, digits, name, made):
    model, file = made(name)
    expected = np.asarray(model(digits[:20, ..., np.newaxis], training=False))  # compiles nothing
    assert expected.std(0).max() > 0.1, "answers that are all alike would show nothing"
    packed = weights.packed(file, random_networks.card(name, KINDS[name]))
    assert np.abs(in_browser.outputs(modules, packed, digits[:20]) - expected).max() < 1e-5


@pytest.mark.parametrize(("precision", "far"), [("float16", 0.01), ("int8", 0.1)])
def test_smaller_weights_give_nearly_the_same(modules, digits, precision, far):
    expected = model_store.load("digitnet").outputs(digits)
    got = in_browser.outputs(modules, weights.of_model("digitnet", precision), digits)
    assert (got.argmax(1) == expected.argmax(1)).all()
    assert 0 < np.abs(got - expected).max() < far


READ = """async ([packed, pictures]) => {
  const network = new Network(await buffer(packed))
  const values = new Float32Array(await buffer(pictures))
  const said = []
  for (let i = 0; i < values.length; i += 784) {
    const { probabilities, ...verdict } = network.read(values.subarray(i, i + 784))
    said.push({ ...verdict, probabilities: Array.from(probabilities) })
  }
  return said
}"""


@pytest.mark.parametrize("name", ["digitnet", "digitnet-nano"])
def test_the_words_are_the_servers_also_for_what_is_unsure_or_no_digit(modules, digits, name):
    network = model_store.load(name)
    rng = np.random.default_rng(0)
    between = (digits[:40] + digits[40:80]) / 2
    pictures = np.concatenate([digits, between, nothings_of(rng)])
    answers = network.answer(pictures)
    verdicts = [network.verdict(*one) for one in zip(answers.probabilities, answers.digitness, strict=True)]
    assert len({verdict.accepted for verdict in verdicts}) == 2, "sure ones and others"
    assert not all(verdict.is_digit for verdict in verdicts)
    said = modules.evaluate(READ, [in_browser.text(weights.of_model(name)), in_browser.text(pictures)])
    for one, verdict, probabilities in zip(said, verdicts, answers.probabilities, strict=True):
        assert one["text"] == verdict.text
        assert (one["label"], one["second"]) == (verdict.label, verdict.second)
        assert (one["accepted"], one["isDigit"]) == (verdict.accepted, verdict.is_digit)
        assert one["sureness"] == verdict.sureness
        np.testing.assert_allclose(one["probabilities"], probabilities, atol=1e-5)


def nothings_of(rng):
    """40 pictures of no digit: scribbles of noise, (n, 28, 28) float32."""
    return (rng.random((40, 28, 28)) * (rng.random((40, 28, 28)) > 0.6)).astype(np.float32)


# Along random directions: what the gradient tells, and what a small step does, in parts of its length.
SLOPES = """async ([packed, picture, directions, some]) => {
  const network = new Network(await buffer(packed))
  if (some)
    network.layers.slice(0, -1).forEach((layer, i) => {
      for (let unit = i % 3; unit < layer.channels; unit += 3) network.turn(i, unit, false)
    })
  const at = new Float32Array(await buffer(picture))
  const all = new Float32Array(await buffer(directions))
  const step = 2e-3
  const asked = {
    logit: [() => network.logit(3), () => network.last.sums[3]],
    probability: [() => network.probability(3), () => network.calibrated()[3]],
  }
  const found = []
  for (const [seed, value] of Object.values(asked))
    for (let i = 0; i < all.length; i += 784) {
      const direction = all.subarray(i, i + 784)
      const moved = (size) => {
        network.forward(at.map((v, k) => v + size * direction[k]))
        return value()
      }
      network.forward(at)
      const gradient = Array.from(network.gradient(seed()))
      const told = gradient.reduce((sum, g, k) => sum + g * direction[k], 0)
      const norm = Math.hypot(...gradient)
      found.push([told / norm, (moved(step) - moved(-step)) / (2 * step) / norm])
    }
  return found
}"""


@pytest.mark.parametrize(
    ("name", "some_are_off"),
    [
        *((name, False) for name in KINDS),
        ("simple-cnn", True),
        ("digitnet-nano", True),
        ("custom, tanh", True),
    ],
)
def test_the_way_back_is_the_slope_of_the_way_forward(modules, digits, name, some_are_off, made):
    packed = weights.packed(made(name)[1], random_networks.card(name, KINDS[name]))
    rng = np.random.default_rng(1)
    directions = rng.normal(size=(12, 784))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    # Between a digit and noise: on MNIST's bare paper whole maps lie at the kink of relu.
    picture = 0.5 * digits[7] + 0.5 * rng.random((28, 28))
    sent = [in_browser.text(packed), in_browser.text(picture), in_browser.text(directions), some_are_off]
    told, measured = np.asarray(modules.evaluate(SLOPES, sent)).T
    assert np.abs(told).max() > 0.02
    assert np.abs(told - measured).max() < 0.01, "in parts of the gradient's length"


LAYERS = """async ([packed, picture]) => {
  const network = new Network(await buffer(packed))
  network.forward(new Float32Array(await buffer(picture)))
  return network.layers.map(({ name, shape, output, sums }) => ({
    name, shape, output: Array.from(output), sums: sums && Array.from(sums) }))
}"""


def test_each_layers_output_is_kept_and_is_what_keras_computes_there(modules, digits, made):
    import keras

    model, file = made("cnn")
    packed = weights.packed(file, random_networks.card("cnn", KINDS["cnn"]))
    kept = modules.evaluate(LAYERS, [in_browser.text(packed), in_browser.text(digits[3])])
    wanted = [layer for layer in model.layers if type(layer).__name__ in ("Conv2D", "MaxPooling2D", "Dense")]
    outputs = keras.Model(model.inputs, [layer.output for layer in wanted])(
        {"picture": digits[3:4, ..., np.newaxis]}
    )
    assert [one["name"] for one in kept] == ["Conv2D 1", "MaxPooling2D 1", "Dense 1", "Dense 2"]
    for one, output in zip(kept, outputs, strict=True):
        assert tuple(one["shape"]) == output.shape[1:]
        np.testing.assert_allclose(one["output"], np.ravel(output), atol=1e-4)
    relu = np.maximum(kept[0]["sums"], 0)
    np.testing.assert_allclose(kept[0]["output"], relu)


OFF = """async ([packed, picture]) => {
  const network = new Network(await buffer(packed))
  const at = new Float32Array(await buffer(picture))
  const outputs = () => Array.from(network.forward(at))
  const gradient = () => Array.from(network.gradient(network.logit(3)))
  const all = outputs()
  const { channels, output } = network.layers[0]
  const loudest = output.indexOf(Math.max(...output)) % channels
  network.turn(0, loudest, false)
  const one = outputs()
  const map = Array.from(output.filter((_, i) => i % channels === loudest))
  for (let unit = 0; unit < channels; unit++) network.turn(0, unit, false)
  const none = outputs()
  const slope = gradient()
  for (let unit = 0; unit < channels; unit++) network.turn(0, unit, true)
  return { all, one, none, again: outputs(), map, slope, off: network.layers[0].off }
}"""


@pytest.mark.parametrize("name", ["digitnet-nano", "mlp-128-128", "simple-cnn"])
def test_a_unit_or_map_can_be_switched_off_and_on(modules, digits, name):
    found = modules.evaluate(OFF, [in_browser.text(weights.of_model(name)), in_browser.text(digits[0])])
    assert found["one"] != found["all"] and not any(found["map"])
    assert found["again"] == found["all"] and found["off"] is None
    # With a first layer that says nothing the picture does not matter: any other one gets the same answer.
    other = modules.evaluate(OFF, [in_browser.text(weights.of_model(name)), in_browser.text(digits[1])])
    assert found["none"] == other["none"] and not any(found["slope"])


@pytest.mark.parametrize("foreign", [b"", b"\x89PNG\r\n\x1a\n0000000000"])
def test_bytes_that_are_no_network_are_refused_in_one_sentence(modules, foreign):
    said = modules.evaluate(
        "async (text) => { try { new Network(await buffer(text)) } catch (error) { return error.message } }",
        in_browser.text(foreign),
    )
    assert said == "These bytes are not a network as Digit Lab packs it."
