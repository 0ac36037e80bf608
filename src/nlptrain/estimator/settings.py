"""An estimator's keyword arguments, model__encoder__hidden_size=96, as settings of a config."""

from collections.abc import Iterable, Mapping
from typing import Any

from nlptrain.config.overrides import to_path
from nlptrain.config.problems import KeyPath

SECTIONS = ("engine", "device", "text", "model", "optimizer", "training", "logging")
"""What they begin with. The data is that of `fit`, and `random_state` is the seed."""


def is_setting(name: str) -> bool:
    """Return whether an argument is a setting: a section, or keys that lead into one."""
    return name.partition("__")[0] in SECTIONS


def check_settings(names: Iterable[str]) -> None:
    """Refuse arguments that are no settings.

    Raises:
        TypeError: As Python does for a keyword that a function lacks.
    """
    for name in names:
        if not is_setting(name):
            meant = {"seed": "; say random_state", "data": "; the data is that of fit"}
            raise TypeError(
                f"StringClassifier() got an unexpected keyword argument {name!r}"
                f"{meant.get(name.partition('__')[0], '')}; a setting is written "
                f"model__encoder__hidden_size=96 and begins with {', '.join(SECTIONS)}"
            )


def to_paths(settings: Mapping[str, Any]) -> dict[KeyPath, Any]:
    """Convert settings to values by their keys, sections before what is in them."""
    by_path = {to_path(name.split("__")): value for name, value in settings.items()}
    # As on the command line a `type` comes first: it drops the settings that its kind lacks.
    return dict(sorted(by_path.items(), key=lambda item: (len(item[0]), item[0][-1] != "type")))
