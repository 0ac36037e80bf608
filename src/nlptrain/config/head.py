"""The layers from a string's vector to the logits."""

from typing import Annotated

from pydantic import Field

from nlptrain.settings import kinds
from nlptrain.settings.section import Section, setting

Size = Annotated[int, Field(ge=1, le=65_536)]


class HeadSection(Section):
    """The layers from the readout to the logits."""

    hidden_sizes: tuple[Size, ...] = setting(
        (), "Sizes of the hidden layers.", unit="numbers", strict=False
    )
    activation: kinds.Activation = setting("relu", "Activation after each hidden layer.")
