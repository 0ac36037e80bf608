import shutil

import pytest

from running_server import serving


@pytest.fixture(scope="session")
def served_runs(finished_run, tmp_path_factory):
    """Make a folder of two runs, which are one under two names, and of a model file alone."""
    folder = tmp_path_factory.mktemp("served")
    for name in ("rnn-001", "other"):
        shutil.copytree(finished_run, folder / name)
    shutil.copy(finished_run / "model.safetensors", folder / "alone.safetensors")
    return folder


@pytest.fixture(scope="session")
def server(served_runs):
    """Run a server with the usual bounds."""
    runs = ["rnn-001", "other", str(served_runs / "alone.safetensors")]
    with serving(served_runs, *runs) as running:
        yield running
