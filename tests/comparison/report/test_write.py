import json

import pytest

from nlptrain.comparison.report.write import write_report
from nlptrain.errors import RunFolderError


@pytest.fixture
def results(make_trial, make_tuning_trial, make_results):
    tuning = [make_tuning_trial("sgd", 0, rate, 0.5) for rate in (0.01, 0.1, 1.0)]
    return make_results([*tuning, make_trial("sgd", 1, [0.5, 0.95]), make_trial("sgd", 2, [0.6])])


def test_folder_holds_everything(tmp_path, results):
    write_report(results, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "comparison.json",
        "curves.svg",
        "profile.svg",
        "report.html",
        "scores.svg",
        "sensitivity.svg",
        "tensorboard",
        "trials.csv",
        "trials.parquet",
        "validation.svg",
    ]
    assert len(list((tmp_path / "tensorboard").iterdir())) == 2
    assert len(json.loads((tmp_path / "comparison.json").read_text())["trials"]) == 5


def test_second_report_has_the_same_bytes(tmp_path, results):
    contents = []
    for _ in range(2):
        write_report(results, tmp_path)
        files = [path for path in sorted(tmp_path.iterdir()) if path.is_file()]
        contents.append({path.name: path.read_bytes() for path in files})
    assert contents[0] == contents[1]


def test_folder_that_is_gone_is_a_message(tmp_path, make_duel):
    with pytest.raises(RunFolderError, match="cannot write"):
        write_report(make_duel(sgd=[0.5]), tmp_path / "gone")
