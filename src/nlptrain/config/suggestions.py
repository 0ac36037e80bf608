"""What the user probably meant: a similar word, the same key elsewhere, another notation."""

import difflib
import itertools
import math
from collections.abc import Iterable

from nlptrain.config.fields import all_settings, names_of, resolve_path
from nlptrain.config.problems import KeyPath, dotted, join_choices
from nlptrain.config.run import RunConfig
from nlptrain.config.scalars import resolve_plain

_YES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_NEAR = 0.7
_MAX_PLACES = 3


def did_you_mean(word: object, choices: Iterable[str]) -> tuple[str, ...]:
    """Suggest the most similar of the choices, if any: one hint or none."""
    by_lower = {choice.lower(): choice for choice in choices}
    if word is None and "none" in by_lower:
        return ("did you mean 'none'?",)
    near = difflib.get_close_matches(str(word)[:100].lower(), by_lower, n=1, cutoff=_NEAR)
    return (f"did you mean '{by_lower[near[0]]}'?",) if near else ()


def suggest_key(data: object, path: KeyPath) -> tuple[str, ...]:
    """List the keys allowed instead of an unknown one, and suggest the one that was meant."""
    above, key = path[:-1], str(path[-1])
    parent = resolve_path(data, above)
    names = names_of(parent.section if parent and parent.section else RunConfig)
    kinds = parent.sections.items() if parent else ()
    other_kinds = [kind for kind, section in kinds if key in section.model_fields]
    near = difflib.get_close_matches(
        key[:100], {setting.path[-1]: None for setting in all_settings()}, n=1, cutoff=_NEAR
    )
    if other_kinds:
        meant: tuple[str, ...] = (f"'{key}' belongs to type {join_choices(other_kinds)}",)
    else:
        meant = _elsewhere(key, above) or did_you_mean(key, names)
        meant = meant or (_elsewhere(near[0], above) if near else ())
    where = f"in {dotted(above)}" if above else "at the top level"
    return (f"allowed {where}: {', '.join(names)}", *meant)


def _elsewhere(key: str, above: KeyPath) -> tuple[str, ...]:
    """Suggest the settings of this name in other sections, the nearest sections only."""
    paths = {setting.path for setting in all_settings() if setting.path[-1] == key}
    shared = {path: _count_shared(path, above) for path in paths}
    nearest = sorted(dotted(path) for path in paths if shared[path] == max(shared.values()))
    return (f"did you mean {join_choices(nearest[:_MAX_PLACES])}?",) if nearest else ()


def _count_shared(path: KeyPath, other: KeyPath) -> int:
    pairs = zip(path, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def suggest_number(value: object, *, whole: bool) -> tuple[str, ...]:
    """Explain how to write what was probably meant as a number."""
    if isinstance(value, float) and whole and value.is_integer():
        return (f"write {value:.0f}",)
    if not isinstance(value, str):
        return ()
    numbers = (_read_number(text) for text in (value, value.replace(",", ".")))
    for number in numbers:
        if isinstance(number, int) or (number is not None and not whole):
            quoted = resolve_plain(value) == number
            return (f"write {number} without quotes" if quoted else f"write {number}",)
    return ()


def _read_number(text: str) -> int | float | None:
    """Read a number in one of Python's notations: 0x10, 1_000, 010."""
    if len(text) > 40:
        return None
    for read in (lambda digits: int(digits, 0), int, float):
        try:
            number: int | float = read(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return None


def suggest_switch(value: object) -> tuple[str, ...]:
    """Explain how to write true or false."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return (f"write {value.lower()} without quotes",)
    if isinstance(value, str) and value.lower() in _YES:
        return (f"write {_YES[value.lower()]}",)
    if isinstance(value, int) and value in (0, 1):
        return (f"write {'true' if value else 'false'}",)
    return ()
