"""What is set side by side, and how carefully."""

from nlptrain.config.optimizer import AdamByHandSection, AdamSection, Optimizer, SgdSection
from nlptrain.section import Section, setting


class ComparisonSection(Section):
    """For compare-optimizers and compare."""

    seeds: int = setting(5, "Trainings that are reported, each from a fresh seed.", ge=1, le=1000)
    trials: int = setting(
        7, "Learning rates tried for each optimizer, around its own; 1: no tuning.", ge=1, le=99
    )
    tuning_seeds: int = setting(1, "Trainings of each learning rate tried.", ge=1, le=100)
    max_widenings: int = setting(
        3,
        "Learning rates added beyond an end of those tried, while the best is there.",
        ge=0,
        le=20,
    )
    target_accuracy: float = setting(
        0.95, "Validation accuracy whose first reaching is timed.", gt=0, le=1
    )
    optimizers: tuple[Optimizer, ...] = setting(
        (
            SgdSection(),
            SgdSection(momentum=0.9),
            SgdSection(momentum=0.9, nesterov=True),
            AdamSection(),
            AdamByHandSection(),
        ),
        "The optimizers, each with its settings.",
        min_length=1,
        strict=False,
    )
