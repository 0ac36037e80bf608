from functools import partial

import pytest

from nlptrain.comparison.encoders.entries import enter_encoders
from nlptrain.comparison.encoders.report import write_matrix_report
from nlptrain.comparison.encoders.stored_grid import is_matrix, rebuild_grid
from nlptrain.comparison.run import build_protocol, compare
from nlptrain.comparison.stored import report_again
from nlptrain.comparison.trials.store import PROTOCOL_FILE, read_protocol
from nlptrain.errors import DataError, RunFolderError
from nlptrain.workers.execution import Workers

FILES = ("comparison.json", "report.html", "encoders.svg", "other_lengths.svg")


@pytest.fixture
def compared(make_encoders_config, tmp_path):
    """Compare two encoders on two tasks: the grid and the folder."""
    config = make_encoders_config("comparison.seeds=1", "training.steps=3")
    entries, grid = enter_encoders(config)
    write = partial(write_matrix_report, grid=grid)
    folder = tmp_path / "matrix"
    compare(entries, config, runs_dir=tmp_path, output=folder, workers=Workers(1), write=write)
    return grid, folder


def test_report_is_the_same_from_the_folder_alone(compared, no_training):
    grid, folder = compared
    before = {name: (folder / name).read_bytes() for name in FILES}
    for name in FILES:
        (folder / name).unlink()
    no_training()
    assert report_again(folder).grid == grid
    assert {name: (folder / name).read_bytes() for name in FILES} == before


def test_strings_that_are_others_now_are_said(compared):
    _, folder = compared
    path = folder / PROTOCOL_FILE
    fingerprint = read_protocol(folder).data[0]
    path.write_text(path.read_text().replace(fingerprint, "0" * 64))
    with pytest.raises(DataError, match="sorted: mean pooling: its strings are others than in the"):
        report_again(folder)


def test_section_that_this_version_does_not_know_is_said(compared):
    protocol = read_protocol(compared[1])
    for contestant in protocol.contestants:
        contestant.settings["model"]["readout"] = "new"
    with pytest.raises(RunFolderError, match="use the version of nlptrain that wrote it"):
        rebuild_grid(protocol)


def test_task_keeps_the_name_that_the_config_gave_it(make_encoders_config):
    config = make_encoders_config("comparison.tasks.0.name=in order: yes")
    entries, grid = enter_encoders(config)
    assert rebuild_grid(build_protocol(entries, config)) == grid


def test_ranking_is_no_matrix(make_duel):
    assert not is_matrix(make_duel(sgd=[0.5]).protocol)
