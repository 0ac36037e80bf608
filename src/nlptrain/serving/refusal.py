"""The one shape of every answer that is no success, whoever refuses."""

import json
from typing import Any

from nlptrain.files.storage import finite
from nlptrain.reporting.literal import shorten

LONGEST_FOUND = 120
"""Characters of a request that an answer quotes."""


class RefusedError(Exception):
    """A request that is not served.

    Attributes:
        status: HTTP's number.
        what: What is wrong.
        where: In which part of the request: a key of its JSON, or a part of HTTP.
        found: What stands there.
        allowed: What may stand there, or what to do.
    """

    def __init__(self, status: int, what: str, where: str, found: str, allowed: str) -> None:
        super().__init__(f"{where}: {what}")
        self.status, self.what, self.allowed = status, what, allowed
        self.where = shorten(where, LONGEST_FOUND)
        self.found = shorten(found, LONGEST_FOUND)

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it, as what else arrives would not be understood."""
        return self.status in (400, 408, 413)

    def body(self) -> bytes:
        """Return the answer's JSON."""
        shape = {
            "what": self.what,
            "where": self.where,
            "found": self.found,
            "allowed": self.allowed,
        }
        return encode_json({"error": shape})

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the answer's headers."""
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self.body())).encode()),
        ]
        if self.closes:
            headers.append((b"connection", b"close"))
        if self.status == 503:
            headers.append((b"retry-after", b"1"))
        return headers


def encode_json(value: Any) -> bytes:
    """Write strict JSON: numbers that are not finite become null."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        # Such a number, or a lone surrogate, which UTF-8 has not.
        return json.dumps(finite(value)).encode()
