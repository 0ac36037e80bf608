import pytest

WILD = (
    *("--set", "optimizer={type: sgd, learning_rate: 1e30}"),
    *("--set", "model.encoder.cell=rnn_relu"),
)


@pytest.fixture
def stopped(cli, workplace, tiny):
    """Train until the numbers are no longer finite: what the command said."""
    code, out, err = cli("train", "rnn", *tiny, *WILD)
    assert (code, out) == (1, "")
    return err


def test_failed_training_names_a_command_that_works(cli, stopped):
    last = stopped.splitlines()[-1]
    assert last == "to compute only this step again: nlptrain replay runs/rnn-001"
    code, out, err = cli(*last.split()[-2:])
    assert code == 0
    assert "first not finite  output of encoder" in out
    assert "loss (bce)        nan" in out
    assert err.startswith("run: runs/rnn-001, engine: numpy, strings: runs/rnn-001/nonfinite.json")


def test_arrays_stand_in_the_order_in_which_they_are_computed(cli, stopped):
    rows = cli("replay", "rnn-001").out.splitlines()[2:]
    kinds = [row.split()[0] for row in rows[: rows.index("")]]
    assert list(dict.fromkeys(kinds)) == ["parameter", "output", "loss", "gradient"]
    outputs = [row.split()[1] for row in rows if row.startswith("output")]
    assert outputs == ["embedding", "encoder", "readout", "head.0"]


def test_finished_run_has_nothing_to_replay(cli, runs):
    code, out, err = cli("replay", "rnn-001")
    assert (code, out) == (1, "")
    assert err.startswith("runs/rnn-001: no step to replay: ")


def test_damaged_state_is_one_message(cli, stopped, workplace):
    (workplace / "runs" / "rnn-001" / "nonfinite.safetensors").write_bytes(b"x")
    code, out, err = cli("replay", "rnn-001")
    assert (code, out) == (1, "")
    assert err.startswith("runs/rnn-001/nonfinite.safetensors: damaged")


def test_changed_network_is_one_message(cli, stopped, workplace):
    path = workplace / "runs" / "rnn-001" / "config.yaml"
    path.write_text(path.read_text().replace("hidden_size: 8", "hidden_size: 9"))
    err = cli("replay", "rnn-001").err
    assert (
        err == "runs/rnn-001: the network has changed since the run stopped; restore it to replay\n"
    )
