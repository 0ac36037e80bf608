"""How the rows of an explanation's tables are called: by position, character and window."""

from nlptrain.inference.explanation import Explanation
from nlptrain.inference.explanation_grids import show_character

UNKNOWN = "[unk]"


def shown_characters(explanation: Explanation) -> list[str]:
    """List the characters as the network reads them."""
    pairs = zip(explanation.characters, explanation.unknown, strict=True)
    return [UNKNOWN if unknown else show_character(character) for character, unknown in pairs]


def name_positions(explanation: Explanation) -> list[str]:
    """Name the rows: position and character."""
    return [f"{place + 1} {token}" for place, token in enumerate(shown_characters(explanation))]


def name_windows(explanation: Explanation, count: int) -> list[str]:
    """Name the rows of the features: by number, and the characters that the encoder sees there."""
    encoder, tokens = explanation.file.architecture.encoder, shown_characters(explanation)
    names = []
    for row in range(count):
        seen = (tokens[at] if 0 <= at < len(tokens) else "·" for at in encoder.places(row))
        names.append(f"{row + 1} {''.join(seen)}")
    return names
