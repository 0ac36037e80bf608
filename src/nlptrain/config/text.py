"""How a string becomes token ids."""

from typing import Literal

from nlptrain.settings.section import Section, setting


class TextSection(Section):
    """Strings → token ids."""

    max_length: int | None = setting(
        None,
        "Cut longer strings to this; those that it makes equal are one. null: cut nothing.",
        unit="characters",
        ge=1,
        le=100_000_000,
    )
    unicode: Literal["none", "NFC", "NFD", "NFKC", "NFKD"] = setting(
        "NFC", "Unicode normalization form."
    )
    lowercase: bool = setting(False, "Turn letters into small ones.")
    min_count: int = setting(
        2,
        "A character in fewer training strings becomes [unk].",
        unit="strings",
        ge=1,
        le=100_000_000,
    )
    vocabulary: str | None = setting(
        None,
        "The characters, in order, all others being the same; null: those of the training strings.",
        min_length=1,
    )
