"""What a run leaves for its replay: frames of a made-up network, read back whole or not at all."""

import os

import numpy as np
import pytest

from digitcore import datasets, paths
from digitcore.errors import RunError
from digitcore.networks.settings import Settings
from digitcore.runs import recording
from digitcore.runs import store as run_store
from digitcore.runs.recording import Recorder
from digitcore.runs.run_folder import Run


class Layer:
    def __init__(self, *weights):
        self.weights = weights

    def get_weights(self):
        return list(self.weights)


class Model:
    """Answers with the class whose share of the ink is largest, so that its answers are known."""

    def __init__(self, *layers, outputs=10):
        self.layers = layers or (Layer(), Layer(np.ones((784, 128)), np.zeros(128)))
        self.outputs = outputs

    def get_weights(self):
        return [array for layer in self.layers for array in layer.get_weights()]

    def __call__(self, pictures, training):
        assert pictures.dtype == np.float32 and pictures.shape[1:] == (28, 28, 1) and not training
        assert 0 <= pictures.min() <= pictures.max() <= 1
        ink = pictures.reshape(len(pictures), -1)[:, : 784 // self.outputs * self.outputs]
        sums = ink.reshape(len(pictures), self.outputs, -1).sum(2) + 1e-3
        return sums / sums.sum(1, keepdims=True)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    return run_store.create(Settings(epochs=2), run_store.new_key())


def test_a_frame_reads_back_as_it_was_recorded(run):
    model = Model()
    Recorder(run).record(3, model)
    frame = recording.frame(run, 3)
    assert recording.epochs(run) == [3] and frame.epoch == 3
    images, _ = recording.row(run)
    expected = model(images[..., None].astype(np.float32) / 255, training=False)
    np.testing.assert_allclose(frame.answers, expected, atol=1e-6)
    validation = datasets.load_labels("mnist", "validation")[: recording.MEASURED]
    assert frame.confusion.sum() == recording.MEASURED
    np.testing.assert_array_equal(frame.confusion.sum(1), np.bincount(validation, minlength=10))
    assert frame.own.shape == (0, 28, 28) and frame.own_answers.shape == (0, 10)


def test_the_row_has_an_easy_and_a_hard_picture_of_each_class_and_is_the_same_in_each_run(run):
    Recorder(run)
    images, labels = recording.row(run)
    assert labels.tolist() == [*range(10), *range(10)]
    other = run_store.create(Settings(epochs=1, seed=5), run_store.new_key())
    Recorder(other)
    np.testing.assert_array_equal(images, recording.row(other)[0])


def test_the_hardest_is_the_one_that_looks_like_another_class():
    images = np.zeros((6, 28, 28), np.uint8)
    images[:3, :14], images[3:, 14:] = 255, 255
    images[1] = 0
    images[1, 13:] = 200  # of the first class, and nearly one of the second
    chosen = recording.row_of(images, np.array([0, 0, 0, 1, 1, 1]), 2)
    assert chosen.tolist()[:3] == [0, 3, 1]


def test_weights_are_pictures_of_a_dense_layer_and_kernels_of_a_convolution():
    dense = np.random.default_rng(0).normal(size=(784, 128)).astype(np.float32)
    pictures = recording.first_weights(Model(Layer(), Layer(dense, np.zeros(128))))
    assert pictures.shape == (recording.MOST_UNITS, 28, 28) and pictures.dtype == np.float16
    np.testing.assert_allclose(pictures[5].ravel(), dense[:, 5], rtol=1e-3, atol=1e-6)
    kernel = np.random.default_rng(0).normal(size=(5, 3, 1, 8)).astype(np.float32)
    kernels = recording.first_weights(Model(Layer(kernel)))
    np.testing.assert_allclose(kernels[2], kernel[:, :, 0, 2], rtol=1e-3)
    runaway = recording.first_weights(Model(Layer(np.full((5, 5, 1, 2), 1e9))))
    assert np.isfinite(runaway).all()
    assert recording.first_weights(Model(Layer(np.ones(7)))).shape == (0, 0, 0)


def test_a_network_with_an_output_for_non_digits_has_a_column_for_it(run):
    Recorder(run).record(0, Model(outputs=11))
    assert recording.frame(run, 0).confusion.shape == (10, 11)


def test_drawings_are_read_anew_at_each_epoch_and_asked_about(run):
    recorder = Recorder(run)
    recorder.record(0, Model())
    drawn = np.random.default_rng(1).integers(0, 256, (2, 28, 28)).astype(np.uint8)
    recording.write_own_digits(run, drawn)
    recorder.record(1, Model())
    assert len(recording.frame(run, 0).own_answers) == 0
    frame = recording.frame(run, 1)
    np.testing.assert_array_equal(frame.own, drawn)
    assert frame.own_answers.shape == (2, 10)
    recording.write_own_digits(run, drawn[:0])
    assert len(recording.own_digits(run)) == 0


def test_drawings_are_read_within_an_epoch_for_a_bounded_share_of_the_time(run, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(recording.time, "perf_counter", lambda: clock[0])
    recorder, asked = Recorder(run), []

    def slow(pictures, training):
        clock[0] += 0.1
        asked.append(len(pictures))
        return Model()(pictures, training=training)

    recorder.glance(0.5, slow)
    assert recording.glance(run) is None and not asked  # nothing is drawn
    drawn = np.random.default_rng(1).integers(0, 256, (2, 28, 28)).astype(np.uint8)
    recording.write_own_digits(run, drawn)
    for step in range(100):
        recorder.glance(step / 10, slow)
        clock[0] += 1.0
    assert len(asked) >= 2 and 0.1 * (len(asked) - 1) <= recording.MOST_SHARE * clock[0]
    frame = recording.glance(run)
    np.testing.assert_array_equal(frame.own, drawn)
    assert frame.own_answers.shape == (2, 10) and 0 < frame.epoch < 10


def test_too_many_drawings_or_a_recorded_run_are_refused_in_a_sentence(run):
    with pytest.raises(RunError, match="up to 5 drawings; got 6"):
        recording.write_own_digits(run, np.zeros((6, 28, 28), np.uint8))
    with pytest.raises(RunError, match="takes no drawings"):
        recording.write_own_digits(Run(run.folder, recorded=True), np.zeros((1, 28, 28), np.uint8))
    assert not run.file("own_digit.npz").exists()


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_damaged_frame_is_missing_and_the_others_stay(run, kept):
    recorder = Recorder(run)
    for epoch in (0, 1):
        recorder.record(epoch, Model())
    path = run.file("replay") / "epoch-001.npz"
    path.write_bytes(path.read_bytes()[:kept])
    assert recording.frame(run, 1) is None
    assert recording.frame(run, 0).answers.shape == (20, 10)
    for name in (paths.OWN_DIGIT, "replay/row.npz"):
        run.file(name).write_bytes(b"PK\3\4 no zip")
    recorder.record(2, Model())
    assert len(recording.frame(run, 2).own) == 0 and recording.row(run) is None


def test_a_frame_whose_parts_do_not_fit_together_is_missing(run):
    Recorder(run).record(0, Model())
    path = run.file("replay") / "epoch-000.npz"
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {"own_answers": np.zeros((3, 10))})
    assert recording.frame(run, 0) is None


def test_a_recorder_killed_while_it_writes_leaves_the_previous_frame(run, monkeypatch):
    recorder = Recorder(run)
    recorder.record(1, Model())
    before = recording.frame(run, 1)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        recorder.record(1, Model(outputs=11))
    np.testing.assert_array_equal(recording.frame(run, 1).answers, before.answers)
    assert recording.epochs(run) == [1]


def test_a_run_of_very_many_epochs_keeps_a_bounded_number_of_frames(run, monkeypatch):
    monkeypatch.setattr(recording, "MOST_FRAMES", 8)
    recorder = Recorder(run)
    for epoch in range(38):
        recorder.record(epoch, Model())
        assert recording.epochs(run)[-1] == epoch
        assert len(recording.epochs(run)) <= 9
    assert recording.epochs(run) == [0, 8, 16, 24, 32, 37]
