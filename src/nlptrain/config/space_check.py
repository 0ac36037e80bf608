"""Whether each path and each bound of `search.space` is one that a config may have."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import ValidationError, create_model

from nlptrain.config.fields import describe, resolve_path, schema_of
from nlptrain.config.problems import Document, KeyPath, Problem, dotted
from nlptrain.config.run import RunConfig
from nlptrain.config.search import SearchSection
from nlptrain.config.search_axes import SEARCHED, Axis, Choices, Space, Span
from nlptrain.config.space import (
    exists,
    find_point,
    get,
    is_whole,
    keys_of,
    order_axes,
    plain_settings,
    put,
    types_of,
)
from nlptrain.config.suggestions import did_you_mean, suggest_key
from nlptrain.config.validation import explain_errors
from nlptrain.errors import ConfigError
from nlptrain.settings.section import Section

_SPACE: KeyPath = ("search", "space")
_DROP = "add it there, or try nothing first: --set search.try_first=[]"

_Plain = dict[str, Any]


def check_space(document: Document, config: RunConfig) -> None:
    """Add a problem to a document for each path and each value of its space that cannot be."""
    if not config.search.space:
        return
    plain = plain_settings(config)
    data = {name: plain[name] for name in SEARCHED}  # Copies of the rest would take most time.
    for axis in config.search.space:
        document.problems += _find_problems(axis, config.search, data)
    if document.problems:
        return
    for place, point in enumerate(config.search.try_first):
        where: KeyPath = ("search", "try_first", place)
        document.problems += _check_point(config, point.values, where)


def _find_problems(axis: Axis, section: SearchSection, data: _Plain) -> list[Problem]:
    keys, where, space = keys_of(axis.path), (*_SPACE, axis.path), section.space
    grid = section.sampler == "grid"
    variants = [each for each in _vary_above(keys, space, data) if exists(each, keys)]
    if not variants:
        return [_explain_absence(keys, where, data)]
    found = {
        problem.path: problem
        for each in variants
        for problem in _check_values(axis, keys, each, grid=grid)
    }
    return list(found.values())


def _check_point(config: RunConfig, changed: Mapping[str, Any], where: KeyPath) -> list[Problem]:
    """Hold what is tried first against the space."""
    axes = {axis.path: axis for axis in config.search.space}
    for path, value in changed.items():
        if path not in axes:
            text = "is not searched; name it in search.space too"
            return [Problem((*where, path), text, did_you_mean(path, axes), at_key=True)]
        if not axes[path].holds(value):
            return [Problem((*where, path), f"{value!r} is not in search.space", (_DROP,))]
    try:
        found = find_point(config, changed)
    except ConfigError as error:
        return [Problem(where, str(error))]
    unused = [path for path in changed if path not in found]
    return [
        Problem((*where, path), "does not exist with the others; remove it", at_key=True)
        for path in unused
    ]


def _explain_absence(keys: KeyPath, where: KeyPath, data: _Plain) -> Problem:
    for depth in range(1, len(keys)):
        above = keys[:depth]
        if exists(data, above) and get(data, above) is None:
            text = f"{dotted(above)} is null in this config, and not searched"
            return Problem(where, text, (f"give {dotted(above)} a value, or search it too",), True)
    return Problem(where, "unknown setting", suggest_key(data, keys), at_key=True)


def _vary_above(keys: KeyPath, space: Space, data: _Plain) -> list[_Plain]:
    """Return the data with each type, or each value, that is searched above a setting."""
    variants = [data]
    for axis in order_axes(space):
        own = keys_of(axis.path)
        inside = own[:-1] if own[-1] == "type" else own
        if not isinstance(axis, Choices) or own == keys or keys[: len(inside)] != inside:
            continue
        variants = [
            _with(each, own, value)
            for each in variants
            if exists(each, own)
            for value in axis.list_values()
        ]
    return variants


def _with(data: _Plain, keys: KeyPath, value: object) -> _Plain:
    changed = copy.deepcopy(data)
    put(changed, keys, value)
    return changed


def _check_values(axis: Axis, keys: KeyPath, data: _Plain, *, grid: bool) -> Iterator[Problem]:
    """Hold the values of a searched setting against its declaration."""
    where = (*_SPACE, axis.path)
    if isinstance(axis, Choices):
        places: list[tuple[str | int, Any]] = list(enumerate(axis.list_values()))
    elif text := _explain_span(axis, keys, data, grid=grid):
        yield Problem(where, text)
        return
    else:
        places = [("from", axis.low), ("to", axis.high)]
    for place, value in places:
        for problem in _explain_value(_with(data, keys, value), keys):
            yield replace(problem, path=(*where, place, *problem.path[len(keys) :]))


def _explain_span(axis: Span, keys: KeyPath, data: _Plain, *, grid: bool) -> str:
    """Explain why a setting cannot be searched in a span; empty if it can."""
    found, types = resolve_path(data, keys), types_of(data, keys)
    if found is None or not types & {"integer", "number"}:
        words = describe(schema_of(found.owner, found.name)) if found else "something else"
        return f"is not a number, but {words}; list its values: [a, b]"
    if "number" not in types and isinstance(axis.step, float):
        return f"step: {axis.step!r} is not a whole number"
    if grid and axis.step is None and (axis.log or not is_whole(data, keys)):
        return "sampler: grid needs a step, or a list of values"
    return ""


@cache
def _searched(name: str) -> type[Section]:
    """Make a config of one section alone: checking it takes a tenth of the time."""
    field = RunConfig.model_fields[name]
    fields: dict[str, Any] = {name: (field.annotation, field)}
    return create_model("Searched", __base__=Section, **fields)


def _explain_value(data: _Plain, keys: KeyPath) -> Iterator[Problem]:
    """Yield what the declaration of a setting has against its value in the data.

    What several settings together are refused for is left to the trials that combine them.
    """
    try:
        _searched(str(keys[0])).model_validate({keys[0]: data[str(keys[0])]})
    except ValidationError as failure:
        errors = [each for each in failure.errors(include_url=False) if each["type"] != "refused"]
        for problem in explain_errors(errors, data):
            if problem.path[: len(keys)] == keys:
                yield problem
