"""How long, in which batches and on which schedule a network is trained."""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from nlptrain.settings import kinds
from nlptrain.settings.section import Section, setting, type_or


class ConstantSchedule(Section):
    """The same learning rate throughout."""

    type: Literal["constant"] = setting("constant", "Type of schedule.")


class WarmupSchedule(Section):
    """A linear rise from zero, then constant."""

    type: Literal["warmup"] = setting("warmup", "Type of schedule.")
    warmup_steps: int = setting(100, "Length of the rise.", unit="steps", ge=1, le=1_000_000_000)


class LinearSchedule(Section):
    """A linear rise, then a linear fall to the end of training."""

    type: Literal["linear"] = setting("linear", "Type of schedule.")
    warmup_steps: int = setting(0, "Length of the rise.", unit="steps", ge=0, le=1_000_000_000)
    final_factor: float = setting(0.0, "Share of the learning rate at the end.", ge=0, le=1)


class CosineSchedule(Section):
    """A linear rise, then half a cosine down to the end of training."""

    type: Literal["cosine"] = setting("cosine", "Type of schedule.")
    warmup_steps: int = setting(0, "Length of the rise.", unit="steps", ge=0, le=1_000_000_000)
    final_factor: float = setting(0.0, "Share of the learning rate at the end.", ge=0, le=1)


class StepSchedule(Section):
    """A drop by a constant factor at regular intervals."""

    type: Literal["step"] = setting("step", "Type of schedule.")
    every_epochs: int = setting(10, "Epochs between drops.", unit="epochs", ge=1, le=1_000_000)
    factor: float = setting(0.1, "Factor of each drop.", gt=0, le=1)


Schedule = Annotated[
    Annotated[ConstantSchedule, Tag("<constant>")]
    | Annotated[WarmupSchedule, Tag("<warmup>")]
    | Annotated[LinearSchedule, Tag("<linear>")]
    | Annotated[CosineSchedule, Tag("<cosine>")]
    | Annotated[StepSchedule, Tag("<step>")],
    Discriminator(type_or("constant")),
]


ThresholdRule = Literal["best_f1", "best_macro_f1", "best_accuracy"]


def _check_threshold(value: object) -> object:
    if value in get_args(ThresholdRule):
        return value
    if isinstance(value, float) and 0 < value < 1:
        return value
    raise PydanticCustomError("threshold", "expected a number between 0 and 1, or a rule")


Threshold = Annotated[
    Annotated[float, Field(gt=0, lt=1)] | ThresholdRule, BeforeValidator(_check_threshold)
]


class TrainingSection(Section):
    """The training loop."""

    epochs: int = setting(
        10, "Passes over the training strings.", unit="epochs", ge=1, le=1_000_000
    )
    steps: int | None = setting(
        None, "Total number of updates; replaces epochs.", unit="steps", ge=1, le=1_000_000_000
    )
    batch_size: int = setting(64, "Strings per update.", unit="strings", ge=1, le=10_000_000)
    patience: int | None = setting(
        None,
        "Stop after this many evaluations without improvement.",
        unit="evaluations",
        ge=1,
        le=1_000_000,
    )
    best_by: Literal["accuracy", "macro_f1", "loss"] = setting(
        "accuracy", "Validation score that selects the best model; the loss breaks ties."
    )
    schedule: Schedule = setting(ConstantSchedule(), "Learning rate schedule.")
    max_grad_norm: float | None = setting(None, "Clip the gradient's norm to this value.", gt=0)
    class_weights: Literal["none", "balanced"] = setting(
        "none", "Class weights in the loss; balanced: inversely proportional to frequency."
    )
    label_smoothing: float = setting(
        0.0,
        "Share of a string's label that is spread evenly over all classes in training.",
        ge=0,
        lt=1,
    )
    threshold: Threshold = setting(
        0.5,
        "Of two classes, predict class 1 from this probability on; or the rule that chooses the "
        "threshold on the validation split after training.",
    )
    calibration: Literal["none", "temperature", "heads"] = setting(
        "none",
        "Fitted on the validation split after training; temperature: divide the logits by a value; "
        "heads: multiply those of each head by a weight, with model.heads: each.",
    )
    refit: bool = setting(
        False,
        "After the best step was chosen, train a fresh network from the same seed for as many "
        "epochs on the training and validation strings together; it becomes the model.",
    )
    members: int = setting(
        1,
        "Networks trained as one model: on the same batches, each from its own initial values and "
        "with its own dropout; the mean of their log-probabilities is the prediction.",
        unit="networks",
        ge=1,
        le=100,
    )
    on_nonfinite: Literal["stop", "skip"] = setting(
        "stop", "What to do at a step whose loss or gradient is NaN or infinite."
    )
    dtype: Literal["float32", "float64"] = setting("float32", "Precision of the numbers.")
    precision: kinds.Precision = setting(
        "float32",
        "To what torch rounds the factors of products in training: float32 not at all, bfloat16 to "
        "8 bits, tf32 to 11 on a GPU that has it; weights, updates and scores are never rounded.",
    )
    evaluate_every_steps: int | None = setting(
        None,
        "Steps between evaluations on the validation split; null: one per epoch.",
        unit="steps",
        ge=1,
        le=1_000_000_000,
    )
    checkpoint_every_steps: int | None = setting(
        None, "Steps between checkpoints.", unit="steps", ge=1, le=1_000_000_000
    )
    checkpoint_every_seconds: float | None = setting(
        30.0, "Seconds between checkpoints.", unit="seconds", gt=0
    )
    threads: int | None = setting(
        None, "CPU threads; null: one for a small network.", unit="threads", ge=1, le=1024
    )


class LoggingSection(Section):
    """What a run records besides its scores."""

    tensorboard: bool = setting(True, "Write TensorBoard event files.")
    histograms: bool = setting(False, "Histograms of the parameters in TensorBoard.")
    reporters: tuple[str, ...] = setting(
        (), "Further reporters, by name: mlflow, or one that another package brings.", strict=False
    )
    every_steps: int = setting(50, "Steps between records.", unit="steps", ge=1, le=1_000_000_000)
