"""What a request's JSON may say, and what is wrong with one that says otherwise."""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from nlptrain.reporting.literal import to_json
from nlptrain.serving.refusal import RefusedError

_OTHER_JSON = re.compile(r"application/\S+\+json")

_MODEL = Field(None, description="the name of a model, as /models lists them; default: the first")


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class PredictRequest(_Body):
    """Strings to predict: one, or several."""

    text: str | None = Field(None, description="a string")
    texts: list[str] | None = Field(None, description="a list of strings, in place of text")
    top: int | None = Field(
        None, ge=1, description="a whole number from 1: only so many of the likeliest classes"
    )
    model: str | None = _MODEL

    def strings(self) -> tuple[list[str], str]:
        """Return the strings, and the key that they stand under.

        Raises:
            RefusedError: There are none, or both keys.
        """
        given = self.model_fields_set & {"text", "texts"}
        if self.text is not None and self.texts is None:
            return [self.text], "text"
        if self.texts is not None and self.text is None:
            return self.texts, "texts"
        found = " and ".join(sorted(given)) or "neither"
        raise RefusedError(
            422, "no strings, or two places for them", "body", found, "text or texts"
        )


class ExplainRequest(_Body):
    """A string to explain."""

    text: str = Field(description="a string")
    model: str | None = _MODEL


class Prediction(BaseModel):
    """The prediction for one string."""

    text: str
    label: str
    probability: float | None
    probabilities: dict[str, float | None]


class PredictAnswer(BaseModel):
    """Predictions in the order of the strings."""

    model: str
    predictions: list[Prediction]
    unknown_characters: int
    cut_strings: int


class Error(BaseModel):
    """Why a request is refused."""

    what: str
    where: str
    found: str
    allowed: str


class Failure(BaseModel):
    """The answer to every request that is refused."""

    error: Error


Body = TypeVar("Body", bound=_Body)


Handler = Callable[[bytes, str], Awaitable[bytes]]
"""(a request's body, its content type) → the answer's JSON."""


def make_handler(kind: type[Body], answer: Callable[[Body], Awaitable[bytes]]) -> Handler:
    """Make a handler that reads the body and passes what it says to a function."""

    async def handle(body: bytes, content_type: str) -> bytes:
        return await answer(read_body(kind, body, content_type))

    return handle


def read_body(kind: type[Body], body: bytes, content_type: str) -> Body:
    """Read what a request says.

    Args:
        kind: What it may say.
        body: Its bytes.
        content_type: Its header of that name.

    Raises:
        RefusedError: It is no JSON, or says something else.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not _OTHER_JSON.fullmatch(media_type):
        found = content_type or "none"
        raise RefusedError(415, "no JSON", "content-type", found, "application/json")
    keys = f"a JSON object with the keys {', '.join(kind.model_fields)}"
    if not body:
        raise RefusedError(422, "no JSON object", "body", "nothing", keys)
    try:
        # Not by pydantic, which refuses lone surrogates.
        return kind.model_validate(json.loads(body, object_pairs_hook=_refuse_repeats))
    except ValidationError as error:
        raise _refuse(kind, error.errors(include_url=False)[0], keys) from None
    except json.JSONDecodeError as error:
        where = f"body, character {error.pos:,}"
        raise RefusedError(400, f"not JSON: {error.msg}", where, error.doc, keys) from None
    except (ValueError, RecursionError) as error:
        # Not UTF-8; a number of thousands of digits; nested too deep.
        raise RefusedError(400, "not JSON", "body", str(error), keys) from None


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values: readers of JSON differ in which of two they take.

    Raises:
        RefusedError: A key stands there more than once.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        [(repeated, times)] = Counter(key for key, _ in pairs).most_common(1)
        found = f"{times:,} times"
        raise RefusedError(422, "a repeated key", repeated or "body", found, "each key once")
    return made


def _refuse(kind: type[_Body], error: ErrorDetails, keys: str) -> RefusedError:
    """Describe what is wrong with JSON of another form."""
    where = _name(error["loc"])
    found = "nothing" if error["type"] == "missing" else _describe(error["input"])
    if not where:
        return RefusedError(422, "no JSON object", "body", found, keys)
    if error["type"] == "extra_forbidden":
        return RefusedError(422, "unknown key", where, found, ", ".join(kind.model_fields))
    allowed = kind.model_fields[str(error["loc"][0])].description or keys
    return RefusedError(422, error["msg"], where, found, allowed)


def _name(location: tuple[int | str, ...]) -> str:
    """Write a place in JSON: texts[3]."""
    return "".join(f"[{each}]" if isinstance(each, int) else str(each) for each in location)


def _describe(value: Any) -> str:
    """Write a plain value as JSON; of lists and objects, which may be deep, only the size."""
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, dict):
        return f"an object of {len(value):,} keys"
    return to_json(value)
