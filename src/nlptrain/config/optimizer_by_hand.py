"""The base of all optimizers, and those that are the same code by hand in both engines.

PyTorch has none that serves: its Muon takes matrices only, and rounds to bfloat16.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Tag

from nlptrain.settings.section import Section, setting

Beta = Annotated[float, Field(ge=0, lt=1)]


class OptimizerSection(Section):
    """The base of all optimizers.

    Attributes:
        needs_whole_table: Whether some rows of a table cannot be updated alone, as a step depends
            on all parameters: a matrix as a whole, an average over all steps, or a sign that a row
            has in the steps between too.
        steps_by_sign: Whether a step has its full size however small the gradient is. Where that is
            nothing but rounding error, such as that of a bias before a normalization, its sign is
            chance even in float64.
    """

    needs_whole_table: ClassVar[bool] = False
    steps_by_sign: ClassVar[bool] = False


class MuonSection(OptimizerSection):
    """Muon for hidden weight matrices, AdamW for all other parameters; by hand in both engines."""

    needs_whole_table: ClassVar = True
    learning_rate: float = setting(1e-3, "Step size.", gt=0)
    momentum: float = setting(0.95, "Momentum factor.", ge=0, lt=1)
    nesterov: bool = setting(True, "Use Nesterov momentum.")
    weight_decay: float = setting(
        0.1, "Decoupled weight decay of the matrices; multiplied by the learning rate.", ge=0
    )
    ns_steps: int = setting(
        5,
        "Newton–Schulz iterations, which make a step orthogonal.",
        unit="iterations",
        ge=0,
        lt=100,
    )
    eps: float = setting(1e-7, "Smallest norm by which a matrix is divided.", gt=0)
    adjust_lr_fn: Literal["match_rms_adamw", "original"] = setting(
        "match_rms_adamw",
        "Factor of a matrix's step: 0.2 √max(rows, columns), so that the learning rate is AdamW's; "
        "or √max(1, rows / columns).",
    )
    adamw_factor: float = setting(
        1.0, "AdamW's learning rate, in multiples of learning_rate.", gt=0
    )
    adamw_betas: tuple[Beta, Beta] = setting((0.9, 0.999), "AdamW's betas.", strict=False)
    adamw_eps: float = setting(1e-8, "AdamW's eps.", gt=0)
    adamw_weight_decay: float = setting(0.01, "AdamW's decoupled weight decay.", ge=0)
    type: Literal["muon"] = setting("muon", "Type of optimizer.")


class LionSection(OptimizerSection):
    """Lion: the sign of a mean gradient, so that all weights move equally far; by hand only."""

    steps_by_sign: ClassVar = True
    learning_rate: float = setting(1e-4, "Step size; 3 to 10 times smaller than AdamW's.", gt=0)
    betas: tuple[Beta, Beta] = setting(
        (0.9, 0.99), "Decay rates of the mean, for the step and for the next steps.", strict=False
    )
    weight_decay: float = setting(
        0.0, "Decoupled weight decay; multiplied by the learning rate.", ge=0
    )
    type: Literal["lion"] = setting("lion", "Type of optimizer.")


class ScheduleFreeAdamWSection(OptimizerSection):
    """AdamW that predicts with an average of its weights, in place of a schedule; by hand only."""

    needs_whole_table: ClassVar = True
    learning_rate: float = setting(2.5e-3, "Step size; 1 to 10 times larger than AdamW's.", gt=0)
    betas: tuple[Annotated[float, Field(gt=0, lt=1)], Beta] = setting(
        (0.9, 0.999),
        "Weight of the average where gradients are taken; decay rate of the mean square.",
        strict=False,
    )
    eps: float = setting(1e-8, "Added to the denominator for numerical stability.", gt=0)
    weight_decay: float = setting(
        0.0, "Decoupled weight decay; multiplied by the learning rate.", ge=0
    )
    warmup_steps: int = setting(
        0, "Length of the rise of the step size.", unit="steps", ge=0, le=1_000_000_000
    )
    type: Literal["schedule_free_adamw"] = setting("schedule_free_adamw", "Type of optimizer.")


class ScheduleFreeSgdSection(OptimizerSection):
    """SGD that predicts with an average of its weights, in place of a schedule; by hand only."""

    needs_whole_table: ClassVar = True
    learning_rate: float = setting(1.0, "Step size; 10 to 50 times larger than SGD's.", gt=0)
    momentum: float = setting(0.9, "Weight of the average where gradients are taken.", gt=0, lt=1)
    weight_decay: float = setting(0.0, "L2 penalty.", ge=0)
    warmup_steps: int = setting(
        0, "Length of the rise of the step size.", unit="steps", ge=0, le=1_000_000_000
    )
    type: Literal["schedule_free_sgd"] = setting("schedule_free_sgd", "Type of optimizer.")


ByHandAlone = (
    Annotated[MuonSection, Tag("<muon>")]
    | Annotated[LionSection, Tag("<lion>")]
    | Annotated[ScheduleFreeAdamWSection, Tag("<schedule_free_adamw>")]
    | Annotated[ScheduleFreeSgdSection, Tag("<schedule_free_sgd>")]
)
"""All of these, as a part of the union in `config/optimizer.py`."""
