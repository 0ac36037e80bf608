"""How a gradient becomes an update; PyTorch's names throughout."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from nlptrain.section import Section, refuse, setting, type_or

Beta = Annotated[float, Field(ge=0, lt=1)]


class SgdSection(Section):
    """Stochastic gradient descent, with momentum on request."""

    type: Literal["sgd"] = setting("sgd", "Which optimizer.")
    learning_rate: float = setting(0.1, "Step size.", gt=0)
    momentum: float = setting(0.0, "Share of the last update kept.", ge=0, lt=1)
    nesterov: bool = setting(False, "Look ahead along the momentum.")
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)

    @model_validator(mode="after")
    def _check_nesterov(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise refuse("nesterov", "needs a momentum above 0")
        return self


class AdamSettings(Section):
    """What both Adams take."""

    learning_rate: float = setting(1e-3, "Step size.", gt=0)
    betas: tuple[Beta, Beta] = setting(
        (0.9, 0.999), "Decay of the two running means.", strict=False
    )
    eps: float = setting(1e-8, "Added to the root of the second mean.", gt=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    amsgrad: bool = setting(False, "Divide by the largest second mean so far.")


class AdamSection(AdamSettings):
    """Adam: PyTorch's, or with engine: numpy the one by hand."""

    type: Literal["adam"] = setting("adam", "Which optimizer.")


class AdamByHandSection(AdamSettings):
    """The course's Adam, written out; with engine: numpy, adam is the same code."""

    type: Literal["adam_by_hand"] = setting("adam_by_hand", "Which optimizer.")


Optimizer = Annotated[
    Annotated[SgdSection, Tag("<sgd>")]
    | Annotated[AdamSection, Tag("<adam>")]
    | Annotated[AdamByHandSection, Tag("<adam_by_hand>")],
    Discriminator(type_or("adam")),
]
