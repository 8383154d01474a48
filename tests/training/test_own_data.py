"""One small network learns a data set of one's own, from the upload to an answer by its class's name."""

import numpy as np

from digitcore import datasets
from digitcore.datasets.collecting import making
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.reading import reader
from digitcore.runs import own_data, recording
from digitcore.runs import store as run_store
from digitcore.training import trainer
from tests.datasets.collecting import signs

KEY = "k" * 22


def test_a_run_learns_it_and_its_network_reads_by_the_names_of_the_classes(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    monkeypatch.setattr(own_data, "_start", lambda place: making.main(place))
    name = own_data.ask(KEY, [("signs.zip", signs.zipped(signs.files("-x", 20)))])
    settings = Settings.for_architecture(
        "custom", dataset=name, depth=1, width=16, epochs=4, batch_size=8, learning_rate=0.01
    )
    run = run_store.create(settings, KEY)
    recording.write_own_digits(run, datasets.load(name, "validation")[0][:1])
    monkeypatch.setattr("digitcore.training.reporting.REPORT_SECONDS", 0.0)
    card = trainer.train(run)
    assert card["class_names"] == ["-", "x"] and card["dataset"]["sha256"] == datasets.sha256(name)
    assert card["validation"]["n"] == card["test"]["n"] == 4 and "index" not in card["not_a_digit"]
    assert card["calibration"]["temperature"] >= 1  # four pictures, all right, are no reason to be surer
    glance = recording.glance(run)
    assert glance.epoch % 1 and np.isclose(glance.own_answers.sum(), 1, atol=1e-3)
    network = model_store.load_folder(run.folder)
    assert not network.reads_digits
    found = reader.find(signs.drawn("x", 99), network)
    assert network.class_names[found.digits(network.answer(found.pictures), network)[0].verdict.label] == "x"
