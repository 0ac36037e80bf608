"""How a gradient becomes an update; the names are PyTorch's, except learning_rate for lr."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from nlptrain.settings.section import Section, refuse, setting, type_or

Beta = Annotated[float, Field(ge=0, lt=1)]


class SgdSettings(Section):
    """Settings of SGD."""

    learning_rate: float = setting(0.1, "Step size.", gt=0)
    momentum: float = setting(0.0, "Momentum factor.", ge=0, lt=1)
    nesterov: bool = setting(False, "Use Nesterov momentum.")
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)

    @model_validator(mode="after")
    def _check_nesterov(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise refuse("nesterov", "requires a momentum above 0")
        return self


class SgdSection(SgdSettings):
    """Stochastic gradient descent, optionally with momentum."""

    type: Literal["sgd"] = setting("sgd", "Type of optimizer.")


class SgdByHandSection(SgdSettings):
    """SGD written out in torch; with `engine: numpy`, the same code as sgd."""

    type: Literal["sgd_by_hand"] = setting("sgd_by_hand", "Type of optimizer.")


class AdamSettings(Section):
    """Settings of Adam."""

    learning_rate: float = setting(1e-3, "Step size.", gt=0)
    betas: tuple[Beta, Beta] = setting(
        (0.9, 0.999), "Decay rates of the means of the gradient and its square.", strict=False
    )
    eps: float = setting(1e-8, "Added to the denominator for numerical stability.", gt=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    amsgrad: bool = setting(False, "Divide by the largest mean square so far.")


class AdamSection(AdamSettings):
    """Adam: PyTorch's, or with `engine: numpy` the one written by hand."""

    type: Literal["adam"] = setting("adam", "Type of optimizer.")


class AdamByHandSection(AdamSettings):
    """The course's Adam, written out; with `engine: numpy`, the same code as adam."""

    type: Literal["adam_by_hand"] = setting("adam_by_hand", "Type of optimizer.")


class AdamWSettings(AdamSettings):
    """Settings of AdamW."""

    weight_decay: float = setting(
        0.01, "Decoupled weight decay; multiplied by the learning rate.", ge=0
    )


class AdamWSection(AdamWSettings):
    """Adam with weight decay decoupled from the gradient."""

    type: Literal["adamw"] = setting("adamw", "Type of optimizer.")


class AdamWByHandSection(AdamWSettings):
    """AdamW written out in torch; with `engine: numpy`, the same code as adamw."""

    type: Literal["adamw_by_hand"] = setting("adamw_by_hand", "Type of optimizer.")


class RmspropSettings(Section):
    """Settings of RMSprop."""

    learning_rate: float = setting(0.01, "Step size.", gt=0)
    alpha: Beta = setting(0.99, "Decay rate of the running mean square.")
    eps: float = setting(1e-8, "Added to the denominator for numerical stability.", gt=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    momentum: float = setting(0.0, "Momentum factor.", ge=0, lt=1)
    centered: bool = setting(False, "Divide by the gradient's standard deviation instead.")


class RmspropSection(RmspropSettings):
    """RMSprop: the gradient divided by the root of its running mean square."""

    type: Literal["rmsprop"] = setting("rmsprop", "Type of optimizer.")


class RmspropByHandSection(RmspropSettings):
    """RMSprop written out in torch; with `engine: numpy`, the same code as rmsprop."""

    type: Literal["rmsprop_by_hand"] = setting("rmsprop_by_hand", "Type of optimizer.")


class AdagradSettings(Section):
    """Settings of Adagrad."""

    learning_rate: float = setting(0.01, "Step size.", gt=0)
    lr_decay: float = setting(
        0.0, "Step t is divided by 1 + (t − 1) × lr_decay, in addition to any schedule.", ge=0
    )
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    initial_accumulator_value: float = setting(0.0, "Initial value of the sum of squares.", ge=0)
    eps: float = setting(1e-10, "Added to the denominator for numerical stability.", gt=0)


class AdagradSection(AdagradSettings):
    """Adagrad: the gradient divided by the root of the sum of its squares so far."""

    type: Literal["adagrad"] = setting("adagrad", "Type of optimizer.")


class AdagradByHandSection(AdagradSettings):
    """Adagrad written out in torch; with `engine: numpy`, the same code as adagrad."""

    type: Literal["adagrad_by_hand"] = setting("adagrad_by_hand", "Type of optimizer.")


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
    """Return SGD's common variants and every type with its defaults, by name."""
    union, _ = get_args(Optimizer)
    sections = [get_args(member)[0]() for member in get_args(union)]
    sgd = {"sgd": SgdSection(), "momentum": SgdSection(momentum=0.9)}
    nesterov = SgdSection(momentum=0.9, nesterov=True)
    return {**sgd, "nesterov": nesterov, **{section.type: section for section in sections}}
