"""An address of a scheduler that cannot work is refused in one sentence, before Dask tries it."""

import pytest

from digitcore import backends, paths
from digitcore.__main__ import main
from digitcore.cluster.connection import check_address
from digitcore.errors import ClusterError, RunError
from digitcore.networks.settings import Settings
from tests import lazily

dask = lazily.Module("dask")

TLS = "tls://127.0.0.1:8786"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "lab.example.org:8786", "tcp://[::1]:8786"])
def test_addresses_of_schedulers_are_accepted(address):
    check_address(address)


@pytest.mark.parametrize("address", ["tcp://", "tcp://lab", "lab:99999", "tcp://[::1", "ftp://a:1", "a:b:c"])
def test_what_is_not_an_address_is_told_what_one_looks_like(address):
    with pytest.raises(ClusterError, match="looks like tcp://host:8786") as told:
        check_address(address)
    assert repr(address) in str(told.value)


def test_tls_needs_certificates_that_can_be_read(tmp_path):
    with pytest.raises(ClusterError, match="needs certificates"):
        check_address(TLS)
    missing = str(tmp_path / "missing.pem")
    named = {"ca-file": missing, "client.cert": missing, "client.key": missing}
    with (
        dask.config.set({f"distributed.comm.tls.{name}": path for name, path in named.items()}),
        pytest.raises(ClusterError, match="cannot be used"),
    ):
        check_address(TLS)


def test_a_side_that_requires_encryption_does_not_connect_without_it():
    with (
        dask.config.set({"distributed.comm.require-encryption": True}),
        pytest.raises(ClusterError, match="requires encryption"),
    ):
        check_address("tcp://127.0.0.1:8786")


def test_predict_says_so_in_one_sentence(capfd):
    assert main(["predict", str(paths.SAMPLES), "--csv", "--scheduler", TLS]) == 1
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("digitcore predict: ") and "needs certificates" in printed.err
    assert len(printed.err.splitlines()) == 1


def test_the_queue_says_so_to_whoever_submits_a_run():
    backend = backends.on_cluster(TLS)
    try:
        with pytest.raises(RunError, match="needs certificates"):
            backend.check(Settings(architecture="mlp-128"))
    finally:
        backend.close()
