"""Who takes part: the optimizers of a config, or a config varied setting by setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from nlptrain.comparison.protocol.tuning import learning_rate_grid
from nlptrain.comparison.results import Contestant
from nlptrain.config.load import load_config
from nlptrain.config.optimizer import Optimizer
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError

MOST = 200
"""Contestants of one comparison: more is a typing error, or a table that nobody reads."""


@dataclass(frozen=True)
class Entry:
    """One that takes part.

    Attributes:
        contestant: As the report knows it.
        config: What its trials train, but for seed and tuned learning rate.
    """

    contestant: Contestant
    config: RunConfig


def enter_optimizers(config: RunConfig, *, one_code: bool) -> list[Entry]:
    """Let every optimizer of `comparison.optimizers` take part, with a grid around its own rate.

    Args:
        config: What all train.
        one_code: Whether `adam` and `adam_by_hand` are the same code, and so each other kind, as
            they are by hand; then of two with the same settings one takes part, under both names.
    """
    trials = config.comparison.trials
    return [
        Entry(
            Contestant(
                name=name,
                settings={"optimizer": optimizer.model_dump()},
                grid=learning_rate_grid(optimizer.learning_rate, trials) if trials > 1 else (),
            ),
            config.model_copy(update={"optimizer": optimizer}),
        )
        for name, optimizer in _name_all(config.comparison.optimizers, one_code=one_code)
    ]


def _name_all(optimizers: Sequence[Optimizer], *, one_code: bool) -> list[tuple[str, Optimizer]]:
    """Pair names with optimizers, twins left out."""
    named = list(zip(name_optimizers(optimizers), optimizers, strict=True))
    if not one_code:
        return named
    twins = {
        name: next((other for other, each in named if _is_twin(each, optimizer)), None)
        for name, optimizer in named
    }
    left_out = set(twins.values())
    return [
        (f"{name} = {twins[name]}" if twins[name] else name, optimizer)
        for name, optimizer in named
        if name not in left_out
    ]


def _is_twin(by_hand: Optimizer, optimizer: Optimizer) -> bool:
    """Return whether one is, say, `adam_by_hand` with the settings of the other, an `adam`."""
    return by_hand.type == f"{optimizer.type}_by_hand" and (
        by_hand.model_dump(exclude={"type"}) == optimizer.model_dump(exclude={"type"})
    )


def enter_variations(source: str, overrides: Sequence[str], varied: Sequence[str]) -> list[Entry]:
    """Let a config take part once for each combination of the varied values.

    Args:
        source: A config file, or a packaged config's name.
        overrides: What all have in common, as for --set.
        varied: `key.path=value,value,…`; a value with a comma of its own stands in brackets.

    Raises:
        ConfigError: Something is not of that form, or a combination is no valid config.
    """
    axes = [_read_axis(text) for text in varied]
    for key in {key for key, _ in axes if [other for other, _ in axes].count(key) > 1}:
        raise ConfigError(f"--vary {key}: stands there twice; give all its values at once")
    combinations = list(product(*([(key, value) for value in values] for key, values in axes)))
    if len(combinations) > MOST:
        raise ConfigError(
            f"--vary makes {len(combinations):,} combinations, and {MOST} are the most; "
            "vary fewer settings or values"
        )
    names = _shorten([key for key, _ in axes])
    return [
        Entry(
            Contestant(
                name=", ".join(f"{names[key]} {value}" for key, value in combination),
                settings=dict(combination),
            ),
            load_config(
                source, [*overrides, *(f"{key}={value}" for key, value in combination)]
            ).config,
        )
        for combination in combinations
    ]


def name_optimizers(optimizers: Sequence[Optimizer]) -> list[str]:
    """Name each by its type, and the settings that tell it from others of that type."""
    settings = [optimizer.model_dump() for optimizer in optimizers]
    names = [_name_among(own, settings) for own in settings]
    return [
        name if names.count(name) == 1 else f"{name} (number {place})"
        for place, name in enumerate(names, 1)
    ]


def _name_among(own: dict[str, Any], settings: Sequence[dict[str, Any]]) -> str:
    """Write `sgd (momentum 0.9)`: what stands first and is as by default goes without saying."""
    alike = [other for other in settings if other["type"] == own["type"]]
    telling = [key for key in own if any(other[key] != own[key] for other in alike)]
    details = [_detail(key, own[key]) for key in telling if own[key] not in (0, False)]
    return f"{own['type']} ({', '.join(details)})" if details else str(own["type"])


def _detail(key: str, value: object) -> str:
    return key if value is True else f"{key} {value}"


def _read_axis(text: str) -> tuple[str, list[str]]:
    key, equals, values = text.partition("=")
    parts = _split(values)
    if not equals or not key.strip() or not all(parts):
        raise ConfigError(
            f"--vary {text}: write --vary key.path=value,value, for example "
            "--vary model.encoder.type=pooling,rnn,cnn"
        )
    if len(set(parts)) < len(parts):
        raise ConfigError(f"--vary {text}: a value stands there twice; leave one out")
    return key.strip(), parts


def _split(values: str) -> list[str]:
    """Split at commas outside brackets, as `[2, 3],[4]` into two lists."""
    parts, depth = [""], 0
    for character in values:
        depth += (character in "[{") - (character in "]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _shorten(keys: Sequence[str]) -> dict[str, str]:
    """Name each key by as few of its last parts as tell it from the others."""
    names = {}
    for key in keys:
        parts = key.split(".")
        endings = [".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]
        others = [other for other in keys if other != key]
        names[key] = next(
            ending
            for ending in [*endings, key]
            if ending == key or not any(f".{other}".endswith(f".{ending}") for other in others)
        )
    return names
