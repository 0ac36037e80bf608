"""What the user probably meant: a near word, the same key elsewhere, a value written otherwise."""

import difflib
import itertools
import math
from collections.abc import Iterable

from nlptrain.config.fields import Trace, all_settings, names_of, trace
from nlptrain.config.problems import KeyPath, dotted, join_choices
from nlptrain.config.run import RunConfig
from nlptrain.config.scalars import resolve_plain

_YES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_NEAR = 0.7
_MOST_PLACES = 3


def did_you_mean(word: object, choices: Iterable[str]) -> tuple[str, ...]:
    """Suggest the nearest of some words, if one is near: one hint or none."""
    by_lower = {choice.lower(): choice for choice in choices}
    if word is None and "none" in by_lower:
        return ("did you mean 'none'?",)
    near = difflib.get_close_matches(str(word)[:100].lower(), by_lower, n=1, cutoff=_NEAR)
    return (f"did you mean '{by_lower[near[0]]}'?",) if near else ()


def about_key(data: object, path: KeyPath) -> tuple[str, ...]:
    """Describe which keys are allowed beside an unknown one, and which was probably meant."""
    above, key = path[:-1], str(path[-1])
    parent = trace(data, above)
    section = parent.section if parent and parent.section else RunConfig
    names = names_of(section)
    meant = (
        _in_other_kinds(parent, key)
        or _elsewhere(key, above)
        or did_you_mean(key, names)
        or _elsewhere_near(key, above)
    )
    where = f"in {dotted(above)}" if above else "at the top"
    return (f"allowed {where}: {', '.join(names)}", *meant)


def _in_other_kinds(parent: Trace | None, key: str) -> tuple[str, ...]:
    if parent is None or parent.kinds is None:
        return ()
    kinds = [kind for kind, section in parent.kinds.sections.items() if key in section.model_fields]
    return (f"'{key}' goes with type {join_choices(kinds)}",) if kinds else ()


def _elsewhere(key: str, above: KeyPath) -> tuple[str, ...]:
    """Name the settings of this name in other sections, the nearest sections only."""
    paths = {setting.path for setting in all_settings() if setting.path[-1] == key}
    if not paths:
        return ()
    shared = {path: _shared_keys(path, above) for path in paths}
    nearest = sorted(dotted(path) for path in paths if shared[path] == max(shared.values()))
    return (f"did you mean {join_choices(nearest[:_MOST_PLACES])}?",)


def _shared_keys(path: KeyPath, other: KeyPath) -> int:
    both = zip(path, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda keys: keys[0] == keys[1], both))


def _elsewhere_near(key: str, above: KeyPath) -> tuple[str, ...]:
    names = dict.fromkeys(setting.path[-1] for setting in all_settings())
    near = difflib.get_close_matches(key[:100], names, n=1, cutoff=_NEAR)
    return _elsewhere(near[0], above) if near else ()


def number_meant(value: object, *, whole: bool) -> tuple[str, ...]:
    """Explain how to write a number that was written so that it is none."""
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
    """Read a number as Python would write it: 0x10, 1_000, 010, 1,5."""
    if len(text) > 40:
        return None
    for read in (lambda digits: int(digits, 0), int, float):
        try:
            number: int | float = read(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return None


def switch_meant(value: object) -> tuple[str, ...]:
    """Explain how to write true or false."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return (f"write {value.lower()} without quotes",)
    if isinstance(value, str) and value.lower() in _YES:
        return (f"write {_YES[value.lower()]}",)
    if isinstance(value, int) and value in (0, 1):
        return (f"write {'true' if value else 'false'}",)
    return ()
