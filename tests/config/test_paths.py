import pytest

from nlptrain.config.load import load_config
from nlptrain.errors import ConfigError


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Make the folders `configs` and `here`, and stand in the second."""
    for name in ("configs", "here", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "configs" / "c.yaml").write_text(
        "data: {file: {path: ../data/a.csv, test_path: ~/b.csv}}\n"
        "model: {embedding: {vectors: v.txt}}\n"
    )
    return tmp_path


def test_a_path_in_a_file_is_relative_to_the_file(folders):
    config = load_config("../configs/c.yaml").config
    assert config.data.file.path == str(folders / "data" / "a.csv")
    assert config.model.embedding.vectors == str(folders / "configs" / "v.txt")


def test_a_path_in_an_override_is_relative_to_the_current_folder(folders):
    config = load_config("../configs/c.yaml", ["data.file.path=x.csv"]).config
    assert config.data.file.path == str(folders / "here" / "x.csv")
    assert config.model.embedding.vectors == str(folders / "configs" / "v.txt")


def test_a_path_inside_a_sections_override_is_relative_to_the_current_folder(folders):
    config = load_config("../configs/c.yaml", ["data.file={path: x.csv}"]).config
    assert config.data.file.path == str(folders / "here" / "x.csv")


def test_the_home_folder_is_written_out(folders):
    config = load_config("../configs/c.yaml", ["data.file.path=~/c.csv"]).config
    assert config.data.file.test_path == str(folders / "home" / "b.csv")
    assert config.data.file.path == str(folders / "home" / "c.csv")


def test_an_absolute_path_stays(folders):
    config = load_config("../configs/c.yaml", ["data.file.path=/x/y.csv"]).config
    assert config.data.file.path == "/x/y.csv"


def test_a_linked_file_keeps_its_own_name(folders):
    (folders / "blob").touch()
    (folders / "here" / "x.csv").symlink_to(folders / "blob")
    config = load_config("../configs/c.yaml", ["data.file.path=x.csv"]).config
    assert config.data.file.path == str(folders / "here" / "x.csv")


def test_a_path_with_nul_is_refused(folders):
    with pytest.raises(ConfigError, match="a path cannot contain the character NUL"):
        load_config("../configs/c.yaml", ['data.file.path="a\\0b"'])
