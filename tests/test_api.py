import subprocess
import sys

import pytest

import nlptrain as package


def test_every_public_name_is_there():
    assert set(package.__all__) <= set(dir(package))
    for name in package.__all__:
        assert callable(getattr(package, name))


def test_public_names_are_sorted_and_unique():
    assert package.__all__ == sorted(set(package.__all__))


def test_other_names_are_refused_as_python_does():
    with pytest.raises(AttributeError, match="module 'nlptrain' has no attribute 'fly'"):
        package.fly  # noqa: B018


@pytest.mark.parametrize("statement", ["import nlptrain", "from nlptrain import load, train"])
def test_import_brings_nothing_heavy(statement):
    code = f"{statement}; import sys; print(*sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    loaded = {name.partition(".")[0] for name in output.stdout.split()}
    heavy = {"numpy", "torch", "pydantic", "yaml", "rich", "typer", "safetensors", "tensorboard"}
    assert not loaded & heavy


def test_trained_network_is_loaded_and_predicts(finished_run):
    model = package.load(finished_run)
    assert [each.label in ("absent", "present") for each in model.predict(["abcd", ""])] == [
        True
    ] * 2
    by_name = package.load("rnn", runs_dir=finished_run.parent)
    assert by_name.path == model.path


def test_training_is_quiet_and_records_its_call(workplace, capfd):
    settings = ["data.sizes.train=64", "training.steps=1", "logging.tensorboard=false"]
    outcome = package.train("rnn", overrides=settings, runs_dir="here")
    assert outcome.folder.path.parent.name == "here"
    assert outcome.folder.read_record().command.startswith(
        "nlptrain.train('rnn', overrides=['data."
    )
    assert capfd.readouterr() == ("", "")


def test_training_tells_on_request(workplace, capfd):
    settings = ["data.sizes.train=64", "training.steps=1", "model.encoder.type=pooling"]
    package.train("rnn", overrides=settings, quiet=False)
    out, err = capfd.readouterr()
    assert out == ""
    assert "hidden_size" in err
    assert "epoch 1/1" in err


@pytest.mark.parametrize("baseline", [True, False])
def test_the_linear_model_is_scored_on_a_file_unless_it_is_switched_off(workplace, baseline):
    settings = ["model.encoder.type=pooling", "training.steps=1", "training.refit=false"]
    outcome = package.train("own_file", overrides=settings, baseline=baseline)
    assert (outcome.evaluation.baseline is not None) == baseline
    longer = package.resume(outcome.folder.path, overrides=["training.steps=2"], baseline=baseline)
    assert (longer.evaluation.baseline is not None) == baseline


def test_finished_run_is_not_resumed(runs):
    with pytest.raises(package.RunFolderError, match="finished; nothing to resume"):
        package.resume("rnn-001")


def test_interrupted_run_is_resumed_by_its_config_name(runs):
    (runs / "rnn-001" / "run.json").write_text(
        (runs / "rnn-001" / "run.json").read_text().replace('"finished"', '"interrupted"')
    )
    before = (runs / "rnn-001" / "model.safetensors").read_bytes()
    outcome = package.resume("rnn")
    assert outcome.scores.examples == 50
    assert (runs / "rnn-001" / "model.safetensors").read_bytes() == before


def test_evaluation_of_a_split_and_of_a_file(runs, workplace):
    assert package.evaluate(split="validation").examples == 50
    (workplace / "some.csv").write_text("text,label\nabc,present\nb,absent\n")
    assert package.evaluate("rnn-001", file="some.csv").examples == 2


def test_comparison_is_made(workplace):
    settings = [
        "data.sizes={train: 64, validation: 20, test: 20}",
        "training.steps=2",
        "comparison.seeds=2",
        "comparison.trials=1",
        "comparison.optimizers=[{type: sgd}, {type: adam}]",
    ]
    results, folder = package.compare_optimizers("rnn", overrides=settings, jobs=1)
    assert [contestant.name for contestant in results.protocol.contestants] == ["sgd", "adam"]
    assert [trial.seed for trial in results.trials] == [1, 2] * 2
    assert (folder / "report.html").is_file()


def test_finished_run_is_trained_longer(runs):
    outcome = package.resume("rnn-001", overrides=["training.epochs=3"])
    assert outcome.scores.examples == 50
    (extension,) = outcome.folder.read_record().extensions
    assert extension["command"] == "nlptrain.resume('rnn-001', overrides=['training.epochs=3'])"
