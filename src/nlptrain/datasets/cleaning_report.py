"""What was done to the user's data, as sentences to read and as numbers to keep."""

from collections.abc import Sequence

_LISTED = 10


class CleaningReport:
    """Collects notes and counts while data is cleaned."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.counts: dict[str, int] = {}

    def add(self, name: str, number: int, note: str) -> None:
        """Keep a number; keep the note where the number is not 0."""
        self.counts[name] = number
        if number:
            self.notes.append(note)


def count(number: int, noun: str) -> str:
    """Write a number with its noun: 1 row, 2,000 rows, 2 classes."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def list_first(found: Sequence[str], total: int) -> list[str]:
    """Keep the first ten, and say how many more there are in all."""
    listed = list(found[:_LISTED])
    if total > len(listed):
        listed.append(f"… and {total - len(listed):,} more")
    return listed
