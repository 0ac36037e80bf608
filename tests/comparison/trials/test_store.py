import errno
import json
import os
from dataclasses import replace

import pytest
from filelock import FileLock

from nlptrain.comparison.results import Candidate, Contestant, Protocol
from nlptrain.comparison.trials.store import (
    DEFAULT_COMPARISONS_DIR,
    PROTOCOL_FILE,
    TRIALS_FILE,
    open_store,
    read_command,
    read_protocol,
    trial_key,
)
from nlptrain.errors import RunFolderError
from nlptrain.runs.folder import DEFAULT_RUNS_DIR

PROTOCOL = Protocol(
    name="rnn",
    contestants=(Contestant("sgd", {"optimizer": {"type": "sgd"}}, (0.1, 0.316)),),
    tuning_seeds=(0,),
    final_seeds=(1, 2),
    max_widenings=1,
    tuned_by="accuracy",
    target_accuracy=0.9,
    loss="bce",
    majority=0.5,
    data=("abc",),
    config={"seed": 0, "training": {"epochs": 2, "batch_size": 8}},
)


@pytest.fixture
def trials(make_trial, make_tuning_trial):
    return [
        make_tuning_trial("sgd", 0, 0.316, 0.8),
        make_tuning_trial("sgd", 0, 0.1, 0.7),
        make_trial("sgd", 1, [0.5, 0.9], diverged=True),
    ]


@pytest.fixture
def open_again(tmp_path):
    """Open the folder `one`, of this protocol unless another is given."""
    return lambda protocol=PROTOCOL: open_store(
        protocol, output=tmp_path / "one", runs_dir=tmp_path / "runs"
    )


@pytest.fixture
def lines(open_again, trials, tmp_path):
    """Write three trials; give their file."""
    with open_again() as store:
        store.add(trials)
    return tmp_path / "one" / TRIALS_FILE


def refusal(context):
    with pytest.raises(RunFolderError) as refused, context:
        pass
    return str(refused.value)


def test_trials_are_there_at_once_and_when_opened_again(open_again, trials):
    for _ in range(2):
        with open_again() as store:
            if trial_key("sgd", "final", Candidate(0.1), 1) not in store:
                store.add(trials[:2])
                store.add(trials[2:])
            assert store.of("sgd", "tuning") == [trials[1], trials[0]]
            assert store.of("sgd", "final") == trials[2:]
            assert trial_key("sgd", "final", Candidate(0.1), 2) not in store


def test_trials_of_other_settings_are_other_trials(open_again, make_tuning_trial):
    settings = [{"eps": 0.5, "betas": [0.9, 0.99]}, {"eps": 0.5, "betas": [0.9, 0.5]}]
    trials = [make_tuning_trial("sgd", 0, 0.1, 0.7, settings=each) for each in settings]
    with open_again() as store:
        store.add(trials[:1])
    with open_again() as store:
        assert trial_key("sgd", "tuning", Candidate(0.1, settings[0]), 0) in store
        reordered = dict(reversed(settings[0].items()))
        assert trial_key("sgd", "tuning", Candidate(0.1, reordered), 0) in store
        assert trial_key("sgd", "tuning", Candidate(0.1, settings[1]), 0) not in store
        store.add(trials[1:])
        assert sorted(store.of("sgd", "tuning"), key=repr) == sorted(trials, key=repr)


def test_trial_stored_before_there_were_other_settings_is_read(open_again, lines, trials):
    old = [json.loads(line) for line in lines.read_text().splitlines()]
    for record in old:
        assert record.pop("settings") == {}
    lines.write_text("".join(f"{json.dumps(record)}\n" for record in old))
    with open_again() as store:
        assert store.of("sgd", "final") == trials[2:]


def test_protocol_stored_before_there_were_other_settings_is_the_same(open_again, lines):
    path = lines.parent / PROTOCOL_FILE
    protocol = json.loads(path.read_text())
    for contestant in protocol["contestants"]:
        assert (contestant.pop("tune"), contestant.pop("drawn")) == ({}, [])
    protocol["config"] = {}
    path.write_text(json.dumps(protocol))
    with open_again(replace(PROTOCOL, config={})) as store:
        assert len(store.of("sgd", "tuning")) == 2


def test_torn_last_line_counts_as_not_there(open_again, lines, trials):
    whole = lines.read_bytes()
    lines.write_bytes(whole[:-7])
    with open_again() as store:
        assert store.of("sgd", "final") == []
        store.add(trials[2:])
    assert lines.read_bytes() == whole


def test_file_of_one_torn_line_is_empty(open_again, lines):
    lines.write_bytes(b'{"contestant')
    with open_again() as store:
        assert store.of("sgd", "tuning") == []
    assert lines.read_bytes() == b""


@pytest.mark.parametrize(
    "damage", [b"{", b"", b"[]", b"5", b"\xff", b"{}", b'{"stage": 1}', b"[" * 99999]
)
def test_damaged_line_is_named(open_again, lines, damage):
    first, _, third, _ = lines.read_bytes().split(b"\n")
    lines.write_bytes(b"\n".join([first, damage, third, b""]))
    assert refusal(open_again()).startswith(f"{lines}:2: damaged: ")
    assert b"\n".join([first, damage, third, b""]) == lines.read_bytes()


def test_carriage_return_in_a_damaged_line_ends_none(open_again, lines):
    content = lines.read_bytes().replace(b"sgd", b"s\rd", 1)
    lines.write_bytes(content)
    assert refusal(open_again()).startswith(f"{lines}:1: damaged: ")
    assert lines.read_bytes() == content


def test_setting_that_is_newer_than_the_protocol_has_its_default(open_again, lines):
    path = lines.with_name(PROTOCOL_FILE)
    protocol = json.loads(path.read_text())
    training = {"epochs": 2, "batch_size": 8, "patience": None, "max_grad_norm": None}
    path.write_text(json.dumps(protocol | {"config": {"seed": 0, "training": training}}))
    with open_again() as store:
        assert store.of("sgd", "tuning") != []
    training["patience"] = 3
    path.write_text(json.dumps(protocol | {"config": {"seed": 0, "training": training}}))
    assert "config.training.patience (3 there, null now); give" in refusal(open_again())


def test_protocol_that_names_no_rule_of_comparing_has_the_defaults(open_again, lines):
    path = lines.parent / "protocol.json"
    protocol = json.loads(path.read_text())
    for name in ("rank_by", "negligible_accuracy", "negligible_steps"):
        del protocol[name]
    path.write_text(json.dumps(protocol))
    with open_again():
        pass
    other = replace(PROTOCOL, rank_by="loss")
    refusal = r'differs in rank_by \("auto" there, "loss" now\)'
    with pytest.raises(RunFolderError, match=refusal), open_again(other):
        pass


def test_protocol_without_a_format_has_the_first(open_again, lines):
    path = lines.with_name(PROTOCOL_FILE)
    protocol = json.loads(path.read_text())
    assert protocol.pop("format_version") == 1
    path.write_text(json.dumps(protocol))
    with open_again() as store:
        assert store.of("sgd", "tuning") != []


def test_another_protocol_is_refused_with_the_differences_named(open_again, lines):
    config = {"seed": 0, "training": {"epochs": 5, "batch_size": 8}}
    other = replace(PROTOCOL, final_seeds=(1, 2, 3), config=config, loss="mse")
    before = {path.name: path.read_bytes() for path in lines.parent.iterdir()}
    assert refusal(open_again(other)) == (
        f"{lines.parent}: holds a comparison of another protocol, which differs in final_seeds "
        '([1, 2] there, [1, 2, 3] now), loss ("bce" there, "mse" now), config.training.epochs '
        "(2 there, 5 now); give another --output"
    )
    assert {path.name: path.read_bytes() for path in lines.parent.iterdir()} == before


def test_long_differences_are_cut(open_again, lines):
    text = refusal(open_again(replace(PROTOCOL, data=("x" * 1000,))))
    assert '(["abc"] there, ["xxx' in text
    assert len(text) < 400


def test_folder_of_other_things_is_refused_and_left_alone(open_again, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "thesis.txt").write_text("mine")
    assert refusal(open_again()) == (
        f"{tmp_path / 'one'}: holds 'thesis.txt' and no comparison; give another --output"
    )
    assert list((tmp_path / "one").iterdir()) == [tmp_path / "one" / "thesis.txt"]


def test_protocol_cut_short_by_a_kill_counts_as_not_there(open_again, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / f".{PROTOCOL_FILE}.1234.part").write_text("{")
    with open_again():
        assert json.loads((tmp_path / "one" / PROTOCOL_FILE).read_text())["name"] == "rnn"


def test_damaged_protocol_is_named(open_again, lines):
    path = lines.with_name(PROTOCOL_FILE)
    path.write_text("{")
    assert refusal(open_again()).startswith(f"{path}: not valid JSON")


def test_folder_in_use_is_refused(open_again, lines):
    with FileLock(lines.with_name(".lock")):
        problem = refusal(open_again())
    assert "one: another process is at this comparison; wait until it ends, or " in problem


def test_comparison_among_the_runs_is_found_there(tmp_path, trials, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_store(PROTOCOL, output=None, runs_dir=DEFAULT_RUNS_DIR) as store:
        store.add(trials)
    with open_store(PROTOCOL, output=None, runs_dir=DEFAULT_COMPARISONS_DIR) as store:
        assert store.of("sgd", "final") == trials[2:]
    other = replace(PROTOCOL, loss="mse")
    with open_store(other, output=None, runs_dir=DEFAULT_COMPARISONS_DIR) as store:
        assert str(store.folder) == "comparisons/compare-rnn-001"


def test_command_is_kept_and_no_part_of_the_protocol(open_again, tmp_path):
    with open_store(PROTOCOL, output=tmp_path / "one", runs_dir=tmp_path, command="nlptrain x"):
        pass
    with open_again():
        protocol = read_protocol(tmp_path / "one")
    assert replace(protocol, config=PROTOCOL.config) == PROTOCOL
    assert protocol.config["training"]["batch_size"] == 8
    assert read_command(tmp_path / "one") == "nlptrain x"


def test_same_protocol_is_found_again_in_the_runs_folder(tmp_path, trials):
    def folder(protocol=PROTOCOL):
        with open_store(protocol, output=None, runs_dir=tmp_path) as store:
            store.add(trials)
            return store.folder.name

    assert [folder(), folder(replace(PROTOCOL, loss="mse")), folder()] == [
        "compare-rnn-001",
        "compare-rnn-002",
        "compare-rnn-001",
    ]


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff"])
def test_damage_of_another_comparison_is_passed_over(tmp_path, content):
    (tmp_path / "compare-rnn-001").mkdir()
    if content is not None:
        (tmp_path / "compare-rnn-001" / PROTOCOL_FILE).write_bytes(content)
    with open_store(PROTOCOL, output=None, runs_dir=tmp_path) as store:
        assert store.folder.name == "compare-rnn-002"


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nlptrain"])
def test_folder_that_cannot_be_is_one_message(tmp_path, place):
    (tmp_path / "file").write_bytes(b"")
    opened = open_store(PROTOCOL, output=tmp_path / place, runs_dir=tmp_path)
    assert refusal(opened).startswith(f"{tmp_path / place}: cannot write: ")


def test_full_disk_is_one_message(open_again, trials, monkeypatch):
    def refuse(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with open_again() as store:
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(RunFolderError, match="cannot write: No space left"):
            store.add(trials)


def test_trials_that_cannot_be_read_are_one_message(open_again, lines, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    lines.write_bytes(lines.read_bytes()[:-1])
    monkeypatch.setattr(os, "truncate", refuse)
    assert refusal(open_again()).endswith(f"{TRIALS_FILE}: cannot resume: Permission denied")
