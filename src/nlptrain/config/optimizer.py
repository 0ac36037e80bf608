"""How a gradient becomes an update; the names are PyTorch's, except learning_rate for lr.

With `engine: torch`, a type is PyTorch's class, and the type of the same name with `_by_hand` is
written out; with `engine: numpy`, both are the same code.
"""

from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from nlptrain.config.optimizer_by_hand import Beta, ByHandAlone, OptimizerSection
from nlptrain.settings.section import refuse, setting, type_or, types_of


class SgdSection(OptimizerSection):
    """Stochastic gradient descent, optionally with momentum."""

    learning_rate: float = setting(0.1, "Step size.", gt=0)
    momentum: float = setting(0.0, "Momentum factor.", ge=0, lt=1)
    nesterov: bool = setting(False, "Use Nesterov momentum.")
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    type: Literal["sgd", "sgd_by_hand"] = setting("sgd", "Type of optimizer.")

    @model_validator(mode="after")
    def _check_nesterov(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise refuse("nesterov", "requires a momentum above 0")
        return self


class AdamSettings(OptimizerSection):
    """What Adam and its relatives have in common."""

    learning_rate: float = setting(1e-3, "Step size.", gt=0)
    betas: tuple[Beta, Beta] = setting(
        (0.9, 0.999), "Decay rates of the means of the gradient and its square.", strict=False
    )
    eps: float = setting(1e-8, "Added to the denominator for numerical stability.", gt=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)


class AdamSection(AdamSettings):
    """Adam: the mean gradient divided by the root of the mean square."""

    amsgrad: bool = setting(False, "Divide by the largest mean square so far.")
    type: Literal["adam", "adam_by_hand"] = setting("adam", "Type of optimizer.")


class AdamWSection(AdamSettings):
    """Adam with weight decay decoupled from the gradient."""

    weight_decay: float = setting(
        0.01, "Decoupled weight decay; multiplied by the learning rate.", ge=0
    )
    amsgrad: bool = setting(False, "Divide by the largest mean square so far.")
    type: Literal["adamw", "adamw_by_hand"] = setting("adamw", "Type of optimizer.")


class RmspropSection(OptimizerSection):
    """RMSprop: the gradient divided by the root of its running mean square."""

    learning_rate: float = setting(0.01, "Step size.", gt=0)
    alpha: Beta = setting(0.99, "Decay rate of the running mean square.")
    eps: float = setting(1e-8, "Added to the denominator for numerical stability.", gt=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    momentum: float = setting(0.0, "Momentum factor.", ge=0, lt=1)
    centered: bool = setting(False, "Divide by the gradient's standard deviation instead.")
    type: Literal["rmsprop", "rmsprop_by_hand"] = setting("rmsprop", "Type of optimizer.")


class AdagradSection(OptimizerSection):
    """Adagrad: the gradient divided by the root of the sum of its squares so far."""

    learning_rate: float = setting(0.01, "Step size.", gt=0)
    lr_decay: float = setting(
        0.0, "Step t is divided by 1 + (t − 1) × lr_decay, in addition to any schedule.", ge=0
    )
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    initial_accumulator_value: float = setting(0.0, "Initial value of the sum of squares.", ge=0)
    eps: float = setting(1e-10, "Added to the denominator for numerical stability.", gt=0)
    type: Literal["adagrad", "adagrad_by_hand"] = setting("adagrad", "Type of optimizer.")


class NAdamSection(AdamSettings):
    """Adam with Nesterov momentum."""

    learning_rate: float = setting(2e-3, "Step size.", gt=0)
    momentum_decay: float = setting(
        4e-3, "How fast the momentum grows from half its value to the first of betas.", ge=0
    )
    decoupled_weight_decay: bool = setting(False, "Decay the weights as AdamW does.")
    type: Literal["nadam", "nadam_by_hand"] = setting("nadam", "Type of optimizer.")


class RAdamSection(AdamSettings):
    """Adam that begins with plain momentum, until it knows the mean square well enough."""

    decoupled_weight_decay: bool = setting(False, "Decay the weights as AdamW does.")
    type: Literal["radam", "radam_by_hand"] = setting("radam", "Type of optimizer.")


class AdamaxSection(AdamSettings):
    """Adam with the largest gradient, slowly forgotten, in place of the root mean square."""

    learning_rate: float = setting(2e-3, "Step size.", gt=0)
    type: Literal["adamax", "adamax_by_hand"] = setting("adamax", "Type of optimizer.")


class AdadeltaSection(OptimizerSection):
    """Adadelta: steps as large as the steps so far, each divided by the root mean square."""

    learning_rate: float = setting(1.0, "Factor of the step; 1 is the original algorithm.", gt=0)
    rho: Beta = setting(0.9, "Decay rate of both running mean squares.")
    eps: float = setting(1e-6, "Added to both mean squares; it decides the first steps.", gt=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    type: Literal["adadelta", "adadelta_by_hand"] = setting("adadelta", "Type of optimizer.")


class RpropSection(OptimizerSection):
    """Rprop: a step size for each weight, from the gradient's sign alone; for full batches."""

    needs_whole_table: ClassVar = True
    steps_by_sign: ClassVar = True
    learning_rate: float = setting(
        0.01, "First step size of each weight; no schedule changes it later.", gt=0
    )
    etas: tuple[Annotated[float, Field(gt=0, lt=1)], Annotated[float, Field(gt=1)]] = setting(
        (0.5, 1.2),
        "Factors of a step size where the sign changes and where it stays.",
        strict=False,
    )
    step_sizes: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = setting(
        (1e-6, 50.0), "Smallest and largest step size.", strict=False
    )
    type: Literal["rprop", "rprop_by_hand"] = setting("rprop", "Type of optimizer.")

    @model_validator(mode="after")
    def _check_step_sizes(self) -> Self:
        smallest, largest = self.step_sizes
        if smallest > largest:
            raise refuse("step_sizes", f"the smallest, {smallest:g}, is above {largest:g}")
        return self


class AsgdSection(OptimizerSection):
    """Averaged SGD: predicts with the average of the weights since step t0."""

    needs_whole_table: ClassVar = True
    learning_rate: float = setting(0.01, "First step size.", gt=0)
    lambd: float = setting(1e-4, "Decay of the weights, and of the step size.", ge=0)
    alpha: float = setting(
        0.75, "Step t is divided by (1 + lambd × learning_rate × t) to this power.", ge=0
    )
    t0: float = setting(1e6, "Steps before the average begins; until then, none is taken.", ge=0)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    type: Literal["asgd", "asgd_by_hand"] = setting("asgd", "Type of optimizer.")


def _tag(value: Any) -> str | None:
    """Find the section of a value: a type by hand has that of its namesake."""
    tag = type_or("adam")(value)
    return None if tag is None else _TAGS.get(tag, tag)


Optimizer = Annotated[
    Annotated[SgdSection, Tag("<sgd>")]
    | Annotated[AdamSection, Tag("<adam>")]
    | Annotated[AdamWSection, Tag("<adamw>")]
    | Annotated[RmspropSection, Tag("<rmsprop>")]
    | Annotated[AdagradSection, Tag("<adagrad>")]
    | Annotated[NAdamSection, Tag("<nadam>")]
    | Annotated[RAdamSection, Tag("<radam>")]
    | Annotated[AdamaxSection, Tag("<adamax>")]
    | Annotated[AdadeltaSection, Tag("<adadelta>")]
    | Annotated[RpropSection, Tag("<rprop>")]
    | Annotated[AsgdSection, Tag("<asgd>")]
    | ByHandAlone,
    Discriminator(_tag),
]
_SECTIONS = [get_args(member)[0] for member in get_args(get_args(Optimizer)[0])]
_TAGS = {
    f"<{kind}>": f"<{section.model_fields['type'].default}>"
    for section in _SECTIONS
    for kind in types_of(section)
}


def list_optimizers() -> dict[str, Optimizer]:
    """Return SGD's common variants and every type with its defaults, by name."""
    sgd = {"sgd": SgdSection(), "momentum": SgdSection(momentum=0.9)}
    nesterov = SgdSection(momentum=0.9, nesterov=True)
    types = {kind: section(type=kind) for section in _SECTIONS for kind in types_of(section)}
    return {**sgd, "nesterov": nesterov, **types}
