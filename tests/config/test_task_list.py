from nlptrain.config.load import load_config
from nlptrain.config.task_list import list_tasks


def test_every_task_has_a_definition_and_parameters():
    for task in list_tasks():
        assert task.definition.endswith((".", "?", ")"))
        names = [parameter.name for parameter in task.parameters]
        assert "lengths" in names
        assert "type" not in names


def test_defaults_are_what_a_config_may_say(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("seed: 0\n")
    task = next(task for task in list_tasks() if task.name == "contains_any")
    said = [f"data.task.{each.name}={each.default}" for each in task.parameters]
    config = load_config(path, ["data.task.type=contains_any", *said]).config
    assert config.data.task == load_config(path, ["data.task={}"]).config.data.task


def test_names_are_sorted_and_hold_the_registry():
    names = [task.name for task in list_tasks()]
    assert names == sorted(names)
    assert {"contains_any", "position_first"} <= set(names)
