"""How the config tests write a config and read the error that it raises."""

from collections.abc import Callable

import pytest

from nlptrain.config.load import LoadedConfig, load_config
from nlptrain.errors import ConfigError


@pytest.fixture
def load(tmp_path) -> Callable[..., LoadedConfig]:
    """Load a text as the file `c.yaml`, with overrides."""

    def load_text(text: str | bytes, *overrides: str) -> LoadedConfig:
        path = tmp_path / "c.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_config(path, overrides)

    return load_text


@pytest.fixture
def refuse(tmp_path, load) -> Callable[..., list[str]]:
    """Load a text that must be refused; the message's lines, with the folder left out."""

    def lines_of_error(text: str | bytes, *overrides: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text, *overrides)
        return str(caught.value).replace(f"{tmp_path}/", "").split("\n")

    return lines_of_error
