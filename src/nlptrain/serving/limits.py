"""What one request may ask of the server, and all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlptrain.serving.refusal import RefusedError

EXPLAINED_CHARACTERS = 500
"""Characters of a string to explain: the time grows with their square."""


@dataclass(frozen=True)
class Limits:
    """Bounds, each of which is answered with a refusal.

    Attributes:
        body_bytes: Bytes of a request's body.
        strings: Strings of a request.
        characters: Characters of each of its strings.
        seconds: For an answer, from the moment at which the request has been read.
        reading_seconds: For a request to arrive: first its head, then its body.
        requests: Requests that are being answered at once.
        connections: Connections open at once.
        draining_seconds: To finish what is begun when the server is told to end.
    """

    body_bytes: int = 1 << 20
    strings: int = 1000
    characters: int = 10_000
    seconds: float = 30.0
    reading_seconds: float = 10.0
    requests: int = 256
    connections: int = 1000
    draining_seconds: float = 10.0

    def check_texts(self, texts: Sequence[str], where: str) -> None:
        """Refuse too many strings, none, or one that is too long.

        Args:
            texts: The strings.
            where: The key that they stand under.

        Raises:
            RefusedError: They are beyond the bounds.
        """
        if not 1 <= len(texts) <= self.strings:
            what = "too many strings" if texts else "no strings"
            allowed = f"1 to {self.strings:,} strings"
            raise RefusedError(
                413 if texts else 422, what, where, f"{len(texts):,} strings", allowed
            )
        for place, text in enumerate(texts):
            self.check_length(text, f"{where}[{place}]" if where == "texts" else where)

    def check_length(self, text: str, where: str, most: int | None = None) -> None:
        """Refuse a string that is too long.

        Args:
            text: The string.
            where: The key that it stands under.
            most: Characters that it may have, where that is not the bound of all strings.

        Raises:
            RefusedError: It is.
        """
        most = self.characters if most is None else most
        if len(text) > most:
            found, allowed = f"{len(text):,} characters", f"{most:,} characters"
            raise RefusedError(413, "the string is too long", where, found, allowed)
