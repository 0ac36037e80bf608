from pathlib import Path

import pytest

from nlptrain.files.storage import read_json

TWO = "comparison.optimizers=[{type: sgd}, {type: adam, learning_rate: 0.01}]"
WORDS = ("--trials", "2", "--seeds", "2", "--jobs", "1", "--quiet", "--set", TWO)
TASKS = {"one": "contains_any", "two": "majority", "three": "first_before"}


@pytest.fixture
def compare(cli, tiny, monkeypatch):
    """Compare two optimizers on tasks, in this process and without figures."""
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    for name, kind in TASKS.items():
        Path(f"{name}.yaml").write_text(f"data: {{task: {{type: {kind}, lengths: [4, 12]}}}}\n")
    return lambda *arguments: cli("compare-optimizers", *arguments, *tiny, *WORDS)


def test_tasks_are_compared_one_by_one_and_then_together(compare):
    code, out, _ = compare("one.yaml", "two.yaml", "three.yaml")
    assert code == 0
    by_task, overall, pairs, statements, places = out.split("\n\n")
    assert by_task.splitlines()[1].split() == ["contestant", *TASKS]
    for table in (by_task, overall, pairs):
        assert [line.split()[0] for line in table.splitlines()[3:]] == ["sgd", "adam"]
    assert "6 final trials, 3 tasks × 2 seeds" in statements
    paths = dict(line.split() for line in places.splitlines())
    assert list(paths) == [*TASKS, "numbers"]
    assert all(Path(path).exists() for path in paths.values())
    for task, number in zip(TASKS, range(3), strict=True):
        own = read_json(Path(paths[task]).with_name("comparison.json"))
        accuracies = [
            [trial["test_accuracy"] for trial in own["trials"] if trial["contestant"] == name][-2:]
            for name in ("sgd", "adam")
        ]
        scores = read_json(Path(paths["numbers"]))["scores"]
        assert [scores[name][number] for name in ("sgd", "adam")] == accuracies


def test_tasks_compared_again_train_nothing_and_give_the_same(compare):
    first, again = (compare("one.yaml", "two.yaml", "--output", "both") for _ in range(2))
    assert first.out == again.out
    assert {path.name for path in Path("both").iterdir()} == {"one", "two", "tasks.json"}
    assert "contestant" not in compare("two.yaml").out.partition("rank")[0]


def test_configs_that_compare_other_things_are_refused_before_any_training(compare):
    Path("two.yaml").write_text("name: one\n")
    code, out, err = compare("one.yaml", "two.yaml", "--output", "both")
    assert (code, out) == (1, "")
    assert "two configs are named 'one'" in err
    assert not Path("both").exists()
