import os

import pytest

from nlptrain.config import packaged
from nlptrain.config.load import load_config
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError


@pytest.fixture
def packaged_folder(tmp_path, monkeypatch):
    """Stand in for the folder of packaged configs, with `rnn` in it."""
    folder = tmp_path / "packaged"
    folder.mkdir()
    (folder / "rnn.yaml").write_text("seed: 5\n")
    monkeypatch.setattr(packaged, "_IN_WHEEL", folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_an_almost_empty_config_is_all_defaults(load):
    assert load("name: run\n").config == RunConfig()
    assert load("{}\n").config == RunConfig(name="c")


def test_numbers_in_exponent_form_are_numbers(load):
    assert load("optimizer: {learning_rate: 1e-3}\n").config.optimizer.learning_rate == 1e-3


def test_a_byte_order_mark_and_windows_lines_are_read(load):
    assert load(b"\xef\xbb\xbfseed: 3\r\nname: x\r\n").config.seed == 3


def test_the_name_is_the_files_own_unless_it_says_one(load, tmp_path):
    assert load("seed: 1\n").config.name == "c"
    assert load("name: other\n").config.name == "other"
    (tmp_path / "my config.yaml").write_text("seed: 1\n")
    assert load_config(tmp_path / "my config.yaml").config.name == "run"


@pytest.mark.usefixtures("packaged_folder")
def test_a_name_means_the_packaged_config():
    config = load_config("rnn").config
    assert (config.seed, config.name) == (5, "rnn")


@pytest.mark.usefixtures("packaged_folder")
def test_a_file_of_that_name_wins_but_a_folder_does_not(tmp_path):
    (tmp_path / "rnn").mkdir()
    assert load_config("rnn").config.seed == 5
    (tmp_path / "rnn").rmdir()
    (tmp_path / "rnn").write_text("seed: 6\n")
    assert load_config("rnn").config.seed == 6


@pytest.mark.usefixtures("packaged_folder")
@pytest.mark.parametrize("source", ["rnnn", "configs/rnn.yaml"])
def test_a_missing_file_lists_the_packaged_configs(source):
    with pytest.raises(ConfigError) as caught:
        load_config(source)
    assert str(caught.value).split("\n") == [
        f"{source}: no such file",
        "  packaged configs: rnn",
        "  did you mean 'rnn'?",
    ]


@pytest.mark.parametrize("text", ["", "\n", "# only this\n", "---\n", "null\n", "\ufeff"])
def test_a_config_that_says_nothing_is_refused(refuse, text):
    lines = refuse(text)
    assert lines[0] == "c.yaml: has no settings"
    assert "nlptrain config copy" in lines[1]


def test_a_file_that_is_not_utf8_is_refused_at_its_byte(refuse):
    lines = refuse("# Zürich\nname: x\nseed: ü\n".encode("latin-1"))
    assert lines[0] == "c.yaml:1:4: byte 0xfc is not UTF-8"
    lines = refuse("seed: 1\n".encode("utf-16"))
    assert lines[0] == "c.yaml:1:1: byte 0xff is not UTF-8"


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is a folder, not a config file"):
        load_config(tmp_path)


def test_a_file_far_too_large_is_refused(refuse):
    assert "larger than 1 MB" in refuse(b"a,b\n" * 300_000)[0]


def test_a_name_that_no_file_can_have_is_refused():
    with pytest.raises(ConfigError, match="cannot read: "):
        load_config("x" * 5000)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("seed: 1\n")
    path.chmod(0)
    with pytest.raises(ConfigError, match="cannot read: "):
        load_config(path)


def test_a_pipe_can_be_read(tmp_path):
    read_end, write_end = os.pipe()
    os.write(write_end, b"seed: 9\n")
    os.close(write_end)
    assert load_config(f"/dev/fd/{read_end}").config.seed == 9
    os.close(read_end)
