"""How a gradient becomes an update; PyTorch's names throughout, but for lr: learning_rate."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from nlptrain.settings.section import Section, refuse, setting, type_or

Beta = Annotated[float, Field(ge=0, lt=1)]


class SgdSettings(Section):
    """What every SGD takes."""

    learning_rate: float = setting(0.1, "Step size.", gt=0)
    momentum: float = setting(0.0, "Share of the last update kept.", ge=0, lt=1)
    nesterov: bool = setting(False, "Look ahead along the momentum.")
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)

    @model_validator(mode="after")
    def _check_nesterov(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise refuse("nesterov", "needs a momentum above 0")
        return self


class SgdSection(SgdSettings):
    """Stochastic gradient descent, with momentum on request."""

    type: Literal["sgd"] = setting("sgd", "Which optimizer.")


class SgdByHandSection(SgdSettings):
    """SGD written out in torch; with engine: numpy, sgd is the same code."""

    type: Literal["sgd_by_hand"] = setting("sgd_by_hand", "Which optimizer.")


class AdamSettings(Section):
    """What every Adam takes."""

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


class AdamWSettings(AdamSettings):
    """What every AdamW takes."""

    weight_decay: float = setting(
        0.01, "Share of each parameter taken off, times the learning rate.", ge=0
    )


class AdamWSection(AdamWSettings):
    """Adam that shrinks the parameters beside its update instead of adding to the gradient."""

    type: Literal["adamw"] = setting("adamw", "Which optimizer.")


class AdamWByHandSection(AdamWSettings):
    """AdamW written out in torch; with engine: numpy, adamw is the same code."""

    type: Literal["adamw_by_hand"] = setting("adamw_by_hand", "Which optimizer.")


class RmspropSettings(Section):
    """What every RMSprop takes."""

    learning_rate: float = setting(0.01, "Step size.", gt=0)
    alpha: Beta = setting(0.99, "Decay of the running mean square.")
    eps: float = setting(1e-8, "Added to the root of the mean square.", gt=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    momentum: float = setting(0.0, "Share of the last update kept.", ge=0, lt=1)
    centered: bool = setting(False, "Divide by the root of the variance instead.")


class RmspropSection(RmspropSettings):
    """RMSprop: the gradient over the root of its running mean square."""

    type: Literal["rmsprop"] = setting("rmsprop", "Which optimizer.")


class RmspropByHandSection(RmspropSettings):
    """RMSprop written out in torch; with engine: numpy, rmsprop is the same code."""

    type: Literal["rmsprop_by_hand"] = setting("rmsprop_by_hand", "Which optimizer.")


class AdagradSettings(Section):
    """What every Adagrad takes."""

    learning_rate: float = setting(0.01, "Step size.", gt=0)
    lr_decay: float = setting(
        0.0, "Step t is divided by 1 + (t − 1) × this, beside any schedule.", ge=0
    )
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    initial_accumulator_value: float = setting(0.0, "What the sum of squares starts from.", ge=0)
    eps: float = setting(1e-10, "Added to the root of the sum.", gt=0)


class AdagradSection(AdagradSettings):
    """Adagrad: the gradient over the root of the sum of all its squares so far."""

    type: Literal["adagrad"] = setting("adagrad", "Which optimizer.")


class AdagradByHandSection(AdagradSettings):
    """Adagrad written out in torch; with engine: numpy, adagrad is the same code."""

    type: Literal["adagrad_by_hand"] = setting("adagrad_by_hand", "Which optimizer.")


Optimizer = Annotated[
    Annotated[SgdSection, Tag("<sgd>")]
    | Annotated[SgdByHandSection, Tag("<sgd_by_hand>")]
    | Annotated[AdamSection, Tag("<adam>")]
    | Annotated[AdamByHandSection, Tag("<adam_by_hand>")]
    | Annotated[AdamWSection, Tag("<adamw>")]
    | Annotated[AdamWByHandSection, Tag("<adamw_by_hand>")]
    | Annotated[RmspropSection, Tag("<rmsprop>")]
    | Annotated[RmspropByHandSection, Tag("<rmsprop_by_hand>")]
    | Annotated[AdagradSection, Tag("<adagrad>")]
    | Annotated[AdagradByHandSection, Tag("<adagrad_by_hand>")],
    Discriminator(type_or("adam")),
]


def list_optimizers() -> dict[str, Optimizer]:
    """List SGD's common variants and every other type with its defaults, by their usual names."""
    union, _ = get_args(Optimizer)
    sections = [get_args(member)[0]() for member in get_args(union)]
    sgd = {"sgd": SgdSection(), "momentum": SgdSection(momentum=0.9)}
    nesterov = SgdSection(momentum=0.9, nesterov=True)
    return {**sgd, "nesterov": nesterov, **{section.type: section for section in sections}}
