import json

from nlptrain.config.packaged import packaged_configs


def test_valid_config_is_summed_up(cli):
    code, out, err = cli("config", "check", "rnn")
    assert (code, err) == (0, "")
    assert out.startswith("rnn: valid\nrnn: contains_any · rnn (rnn_tanh) · adam")


def test_invalid_config_lists_every_fault(cli, workplace):
    (workplace / "my.yaml").write_text("training: {epochs: 0}\noptimiser: {type: sgd}\n")
    code, out, err = cli("config", "check", "my.yaml")
    assert (code, out) == (1, "")
    assert "my.yaml:1:20: training.epochs" in err
    assert "did you mean" in err
    assert "Traceback" not in err


def test_list_has_every_packaged_config_with_its_question(cli):
    out = cli("config", "list").out
    assert [line.split()[0] for line in out.splitlines()] == list(packaged_configs())
    assert "Can an Elman RNN tell" in out


def test_copied_config_is_valid_and_its_command_works(cli, workplace):
    code, out, err = cli("config", "copy", "rnn", "my config.yaml")
    assert (code, out) == (0, "my config.yaml\n")
    assert err == "to train it: nlptrain train 'my config.yaml'\n"
    assert cli("config", "check", "my config.yaml").code == 0


def test_copy_overwrites_nothing(cli, workplace):
    (workplace / "rnn.yaml").write_text("mine")
    code, _, err = cli("config", "copy", "rnn")
    assert (code, err) == (1, "rnn.yaml: already exists; nothing was copied\n")
    assert (workplace / "rnn.yaml").read_text() == "mine"


def test_schema_is_json(cli):
    schema = json.loads(cli("config", "schema").out)
    assert "optimizer" in schema["properties"]


def test_reference_names_every_section(cli):
    out = cli("config", "reference").out
    assert all(f"{section}" in out for section in ("model.encoder", "training.epochs", "seed"))
