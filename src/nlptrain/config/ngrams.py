"""N-gram embeddings, beside an encoder or as one of their own."""

from typing import Annotated, Any, Literal, Self, assert_never

from pydantic import Field, model_validator

from nlptrain.config.optimizer import AdagradSection, Optimizer, SgdSection, list_optimizers
from nlptrain.settings import kinds
from nlptrain.settings.section import Section, refuse, setting

TableOptimizer = Literal["sgd", "adagrad"]
"""Those that train n-grams well beside another optimizer."""

LEARNT = ("buckets", "min_count", "optimizer", "learning_rate", "half_precision")
"""Settings that say how the table is filled, trained and saved, not what the layer computes."""


class NGramSettings(Section):
    """A vector for each n-gram of characters, added up over the string."""

    sizes: tuple[Annotated[int, Field(ge=1, le=32)], ...] = setting(
        (1, 2, 3, 4, 5), "Each n.", unit="characters", min_length=1, strict=False
    )
    dim: int = setting(64, "Length of an n-gram's vector.", unit="numbers", ge=1, le=65_536)
    buckets: int = setting(
        200_000,
        "Most vectors; if more n-grams are known, they are hashed into this many.",
        unit="vectors",
        ge=1,
        le=2**26,
    )
    min_count: int = setting(
        2, "An n-gram is known from this many occurrences in training on.", unit="n-grams", ge=1
    )
    boundaries: bool = setting(
        True, "Put marks at both ends of a string, inside its n-grams; text.boundaries does too."
    )
    combine: kinds.Combine = setting(
        "scaled_sum", "scaled_sum: the sum of a string's n vectors over √n; mean: over n."
    )
    optimizer: TableOptimizer | None = setting(
        None,
        "What updates the vectors; null: the config's optimizer. adagrad: each number's steps "
        "shorten as it is updated, so those of rare n-grams stay long. sgd, without momentum: "
        "the vector of a rare n-gram stays small.",
    )
    learning_rate: float | None = setting(
        None, "Step size of the vectors; null: the optimizer's.", gt=0
    )
    half_precision: bool = setting(
        False, "Save the vectors in the model file as 16-bit floats; trained with all digits."
    )

    @model_validator(mode="after")
    def _check_learning_rate(self) -> Self:
        if self.optimizer is not None and self.learning_rate is None:
            example = {"sgd": 30, "adagrad": 0.1}[self.optimizer]
            reason = f"{self.optimizer!r} needs a learning_rate of its own, such as {example}"
            raise refuse("optimizer", reason)
        return self

    @property
    def optimizer_section(self) -> SgdSection | AdagradSection | None:
        """The optimizer of the vectors, with its defaults; None: the config's."""
        match self.optimizer:
            case None:
                return None
            case "sgd":
                return SgdSection()
            case "adagrad":
                return AdagradSection()
            case _:
                assert_never(self.optimizer)

    def ngram_settings(self) -> dict[str, Any]:
        """Return the settings of the layer itself, its sizes ascending and each once."""
        settings = self.model_dump(exclude={"type", *LEARNT})
        return settings | {"sizes": tuple(sorted(set(self.sizes)))}


def explain_refusal(optimizer: Optimizer) -> str | None:
    """Explain why an optimizer cannot train n-grams; None if it can."""
    if not optimizer.needs_whole_table:
        return None
    others = [
        kind
        for kind, section in list_optimizers().items()
        if kind == section.type and not section.needs_whole_table and not kind.endswith("_by_hand")
    ]
    return (
        f"{optimizer.type!r} cannot update the n-grams of a batch without all others; use "
        f"{', '.join(others[:-1])} or {others[-1]}, or remove the n-grams"
    )
