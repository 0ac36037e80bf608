"""A whole config: all sections in one frozen value."""

from typing import Literal, Self

from pydantic import model_validator

from nlptrain.config.comparison import ComparisonSection
from nlptrain.config.data import DataSection
from nlptrain.config.model import ModelSection
from nlptrain.config.ngrams import explain_refusal
from nlptrain.config.optimizer import AdamSection, Optimizer
from nlptrain.config.search import SearchSection
from nlptrain.config.text import TextSection
from nlptrain.config.training import LoggingSection, TrainingSection
from nlptrain.settings.section import Section, refuse, setting


class RunConfig(Section):
    """The complete description of a training run."""

    name: str = setting(
        "run",
        "Prefix of the run folder's name: letters, digits, . _ -; default: the config file's name.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        max_length=80,
    )
    seed: int = setting(0, "Determines data, initial values, batches and dropout.", ge=0, lt=2**32)
    engine: Literal["auto", "numpy", "torch"] = setting(
        "auto", "Code that computes the network: by hand in NumPy, or torch; auto: the faster one."
    )
    device: str = setting(
        "auto",
        "Where to compute: auto (cuda if available), cpu, cuda, or cuda:N.",
        pattern=r"^(auto|cpu|cuda(:[0-9]{1,3})?)$",
    )
    data: DataSection = setting(DataSection(), "The examples.")
    text: TextSection = setting(TextSection(), "Strings → token ids.")
    model: ModelSection = setting(ModelSection(), "The network.")
    optimizer: Optimizer = setting(AdamSection(), "Gradients → updates.")
    training: TrainingSection = setting(TrainingSection(), "The loop.")
    logging: LoggingSection = setting(LoggingSection(), "What is recorded.")
    comparison: ComparisonSection = setting(
        ComparisonSection(), "For compare-optimizers, compare-encoders and compare."
    )
    search: SearchSection = setting(SearchSection(), "For search.")

    @model_validator(mode="after")
    def _check_engine(self) -> Self:
        if self.engine == "numpy" and self.device.startswith("cuda"):
            raise refuse("device", f"{self.device!r} requires engine: torch; numpy uses the CPU")
        return self

    @model_validator(mode="after")
    def _check_precision(self) -> Self:
        precision, field = self.training.precision, "training.precision"
        if precision == "float32":
            return self
        if self.training.dtype != "float32":
            reason = f"{precision!r} requires dtype: float32, not {self.training.dtype}"
            raise refuse(field, f"{reason}; change one of them")
        if self.engine == "numpy":
            raise refuse(field, f"{precision!r} requires engine: torch; numpy has only 'float32'")
        if precision == "tf32" and self.device == "cpu":
            raise refuse(field, "'tf32' requires device: cuda; a CPU has 'float32' and 'bfloat16'")
        return self

    @model_validator(mode="after")
    def _check_ngrams(self) -> Self:
        if self.model.tables and (reason := explain_refusal(self.optimizer)):
            raise refuse("optimizer.type", reason)
        return self

    @model_validator(mode="after")
    def _check_refit(self) -> Self:
        if self.training.refit and self.data.stream:
            raise refuse("training.refit", "data.stream keeps no training strings; remove one")
        if self.training.refit and self.data.fresh:
            raise refuse(
                "training.refit",
                "data.fresh draws new training strings in each epoch, so those of validation add "
                "nothing; remove one of them",
            )
        return self
