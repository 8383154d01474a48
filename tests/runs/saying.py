"""Events as a trainer writes them, with every field, for tests whose runs have no trainer."""


def batch(run, step=1, epoch=1, **values):
    said = {"batch": 1, "batches": 10, "loss": 1.0, "accuracy": 0.5, "learning_rate": 0.001}
    run.append_event("batch", epoch=epoch, step=step, **said | values)


def epoch(run, epoch, **values):
    said = {"epochs": 5, "learning_rate": 0.001, "seconds": 1.0, "best": True}
    said |= dict.fromkeys(("loss", "val_loss"), 0.1) | dict.fromkeys(("accuracy", "val_accuracy"), 0.9)
    run.append_event("epoch", epoch=epoch, **said | values)
