"""How the rows of an explanation's tables are called: by position, character and window."""

from nlptrain.inference.explanation import Explanation
from nlptrain.inference.explanation_grids import show_character
from nlptrain.numpy_nn.architecture import Convolutional
from nlptrain.numpy_nn.convolution import padding_widths

UNKNOWN = "[unk]"


def shown_characters(explanation: Explanation) -> list[str]:
    """List the characters as the network reads them."""
    pairs = zip(explanation.characters, explanation.unknown, strict=True)
    return [UNKNOWN if unknown else show_character(character) for character, unknown in pairs]


def name_positions(explanation: Explanation) -> list[str]:
    """Name the rows: position and character."""
    return [f"{place + 1} {token}" for place, token in enumerate(shown_characters(explanation))]


def name_windows(explanation: Explanation) -> list[str]:
    """Name the rows of the features: by position, or by the window that each kernel sees."""
    encoder = explanation.file.architecture.encoder
    if not isinstance(encoder, Convolutional):
        return name_positions(explanation)
    tokens, widest = shown_characters(explanation), max(encoder.kernel_sizes)
    left, _ = padding_widths(widest, encoder.dilation, encoder.padding)
    names = []
    for window in range(len(explanation.trace.features)):
        first = window * encoder.stride - left
        places = range(first, first + widest * encoder.dilation, encoder.dilation)
        seen = "".join(tokens[place] if 0 <= place < len(tokens) else "·" for place in places)
        names.append(f"{window + 1} {seen}")
    return names
