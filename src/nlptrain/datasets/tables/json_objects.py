"""JSON text → objects, with what would be lost in silence named as a problem."""

import json
from typing import Any

from nlptrain.datasets.tables.text_stream import SURROGATE, check_characters


class ObjectDecoder:
    """Decodes one value after the other, and notes what is wrong within the last one."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._problem: str | None = None
        self._decoder = json.JSONDecoder(
            parse_constant=self._refuse_constant, object_pairs_hook=self._build_object
        )

    def decode(self, text: str) -> tuple[dict[str, Any], str | None]:
        """Decode a text that is one object, or say why it is none."""
        problem = check_characters(text, self._encoding)
        if problem is not None:
            return {}, problem
        try:
            self._problem = None
            found = self._decoder.decode(text)
        except RecursionError:
            return {}, "not valid JSON: nested too deep"
        except ValueError as error:
            return {}, f"not valid JSON: {error}"
        return self._check(found, text)

    def decode_next(self, text: str, start: int) -> tuple[dict[str, Any], str | None, int]:
        """Decode the value that begins at a place in a text, and return its end too.

        Raises:
            ValueError: There is no value, or it does not end within the text.
            RecursionError: It is nested too deep.
        """
        self._problem = None
        found, end = self._decoder.raw_decode(text, start)
        raw = text[start:end]
        problem = check_characters(raw, self._encoding)
        return ({}, problem, end) if problem is not None else (*self._check(found, raw), end)

    def _check(self, found: object, text: str) -> tuple[dict[str, Any], str | None]:
        """Check what has been decoded from a text."""
        if self._problem is not None:
            return {}, self._problem
        if not isinstance(found, dict):
            return {}, f"JSON, but not an object: {text[:40]}"
        # An escape such as \ud800 gives half a character, which no output file can hold.
        if "\\u" in text and SURROGATE.search(json.dumps(found, ensure_ascii=False)):
            return {}, "half of a surrogate pair"
        return found, None

    def _build_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Build an object; of a key that stands twice, one value would be lost."""
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            self._problem = f"the key {twice!r} stands in it {keys.count(twice)} times; keep one"
        return found

    def _refuse_constant(self, name: str) -> None:
        self._problem = f"not valid JSON: {name} is no value of JSON"
