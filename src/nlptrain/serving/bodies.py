"""What a request's JSON may say, and what is wrong with one that says otherwise."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from nlptrain.reporting.literal import to_json
from nlptrain.serving.refusal import RefusedError

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


BODIES: Mapping[str, type[_Body]] = {"/predict": PredictRequest, "/explain": ExplainRequest}


def refuse_body(path: str, content_type: str, body: Any, error: Mapping[str, Any]) -> RefusedError:
    """Describe the first thing that is wrong with a body.

    Args:
        path: Of the request.
        content_type: The header of that name.
        body: What was read of it.
        error: As pydantic describes it.
    """
    fields = BODIES[path].model_fields
    keys = f"a JSON object with the keys {', '.join(fields)}"
    if error["type"] == "json_invalid":
        place = f"body, character {error['loc'][-1]:,}"
        what = f"not JSON: {error['ctx']['error']}"
        return RefusedError(400, what, place, str(body), keys)
    if not content_type.partition(";")[0].strip().lower().endswith("json"):
        allowed = "application/json"
        return RefusedError(415, "no JSON", "content-type", content_type or "none", allowed)
    where = _name(error["loc"][1:])
    found = "nothing" if error["type"] == "missing" else _describe(error["input"])
    if not where:
        return RefusedError(422, "no JSON object", "body", found, keys)
    if error["type"] == "extra_forbidden":
        return RefusedError(422, "unknown key", where, found, ", ".join(fields))
    allowed = fields[str(error["loc"][1])].description or keys
    return RefusedError(422, error["msg"], where, found, allowed)


def _name(location: tuple[Any, ...]) -> str:
    """Write a place in JSON: texts[3]."""
    return "".join(f"[{each}]" if isinstance(each, int) else str(each) for each in location)


def _describe(value: Any) -> str:
    """Write a plain value as JSON; of lists and objects, which may be deep, only the size."""
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, dict):
        return f"an object of {len(value):,} keys"
    return to_json(value)
