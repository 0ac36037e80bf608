"""How a string becomes token ids."""

from typing import Literal

from nlptrain.settings.section import Section, setting


class TextSection(Section):
    """Strings → token ids."""

    max_length: int | None = setting(
        None,
        "Truncate longer strings; those that become equal count as one. null: no limit.",
        unit="characters",
        ge=1,
        le=100_000_000,
    )
    unicode: Literal["none", "NFC", "NFD", "NFKC", "NFKD"] = setting(
        "NFC", "Unicode normalization form."
    )
    lowercase: bool = setting(False, "Convert letters to lower case.")
    min_count: int = setting(
        2,
        "Characters that occur in fewer training strings become [unk].",
        unit="strings",
        ge=1,
        le=100_000_000,
    )
    boundaries: bool = setting(
        False, "Mark begin and end of each string for the network; max_length does not count marks."
    )
    vocabulary: str | None = setting(
        None,
        "Known characters, in order; all others become [unk]. null: those of the training strings.",
        min_length=1,
    )
