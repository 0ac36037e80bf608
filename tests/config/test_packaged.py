import pytest

from nlptrain.config import packaged
from nlptrain.config.packaged import copy_config, find_packaged, packaged_configs, question_of
from nlptrain.errors import ConfigError

TEXT = "# Does it work?\n#   nlptrain train rnn\nseed: 1\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in for a checkout's configs, with `rnn` and `cnn` in them."""
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "rnn.yaml").write_text(TEXT)
    (folder / "cnn.yaml").write_text("seed: 1\n")
    (folder / "notes.txt").touch()
    monkeypatch.setattr(packaged, "_IN_WHEEL", tmp_path / "nowhere")
    monkeypatch.setattr(packaged, "_IN_CHECKOUT", folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_configs_are_listed_by_name(folder):
    assert packaged_configs() == {"cnn": folder / "cnn.yaml", "rnn": folder / "rnn.yaml"}


def test_a_config_in_a_folder_is_named_after_both_and_stands_at_the_end(folder):
    (folder / "a").mkdir()
    (folder / "a" / "long.yaml").write_text(TEXT)
    assert list(packaged_configs()) == ["cnn", "rnn", "a/long"]
    assert copy_config("a/long").name == "long.yaml"
    with pytest.raises(ConfigError, match="did you mean 'a/long'"):
        find_packaged("lomg")


def test_the_wheels_folder_comes_first(tmp_path, monkeypatch):
    (tmp_path / "wheel").mkdir()
    monkeypatch.setattr(packaged, "_IN_WHEEL", tmp_path / "wheel")
    assert packaged_configs() == {}


def test_the_question_is_the_first_comment(folder):
    assert question_of(folder / "rnn.yaml") == "Does it work?"
    assert question_of(folder / "cnn.yaml") == ""


def test_an_unknown_name_is_refused_with_the_names_that_are_there():
    with pytest.raises(ConfigError) as caught:
        find_packaged("rrn")
    assert "packaged configs: cnn, rnn" in str(caught.value)
    assert "did you mean 'rnn'?" in str(caught.value)


def test_a_copy_has_the_same_bytes_and_its_own_name(tmp_path):
    (tmp_path / "mine").mkdir()
    targets = [copy_config("rnn"), copy_config("rnn", tmp_path / "x.yaml")]
    targets.append(copy_config("rnn", tmp_path / "mine"))
    assert [target.name for target in targets] == ["rnn.yaml", "x.yaml", "rnn.yaml"]
    assert all(target.read_text() == TEXT for target in targets)


def test_a_copy_never_overwrites(tmp_path):
    (tmp_path / "rnn.yaml").write_text("mine")
    with pytest.raises(ConfigError, match="already exists; nothing was copied"):
        copy_config("rnn")
    assert (tmp_path / "rnn.yaml").read_text() == "mine"


def test_a_copy_into_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="; nothing was copied"):
        copy_config("rnn", tmp_path / "no" / "x.yaml")


def test_a_copy_that_does_not_fit_leaves_nothing(tmp_path):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5, hard))
    try:
        with pytest.raises(ConfigError, match="File too large; nothing was copied"):
            copy_config("rnn", tmp_path / "x.yaml")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "x.yaml").exists()


@pytest.mark.parametrize("name", ["rnn", "cnn"])
def test_configs_bring_the_data_file_that_they_name_and_never_replace_one(folder, tmp_path, name):
    for each in ("rnn", "cnn"):
        (folder / f"{each}.yaml").write_text(f"{TEXT}data: {{file: {{path: rnn.csv}}}}\n")
    (folder / "rnn.csv").write_text("text,label\n")
    (folder / "other.csv").touch()
    copy_config(name, tmp_path / "mine.yaml")
    data = tmp_path / "rnn.csv"
    assert data.read_text() == "text,label\n"
    assert not (tmp_path / "other.csv").exists()
    data.write_text("mine")
    copy_config(name, tmp_path / "second.yaml")
    assert data.read_text() == "mine"
