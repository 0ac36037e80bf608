"""Every kind of everything, with small examples: the tests take their lists from here.

What has no settings is listed by itself, and so is everything with its defaults. Examples with
settings stand here; an encoder without one fails in `workflows/test_every_kind.py`.
"""

from typing import get_args

from nlptrain.config.fields import kinds_of
from nlptrain.config.model import ModelSection
from nlptrain.config.run import RunConfig
from nlptrain.config.training import (
    CosineSchedule,
    LinearSchedule,
    StepSchedule,
    TrainingSection,
    WarmupSchedule,
)
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.settings import kinds

ACTIVATIONS = get_args(kinds.Activation)
NORMALIZATIONS = ("none", *get_args(kinds.Normalization))
READOUTS = (*get_args(kinds.Readout), ("attention", "max", "mean", "last"))
"""Each, and all of them at once."""
CELLS = get_args(kinds.Cell)
RECURRENT_STARTS = get_args(kinds.RecurrentStart)
LOSSES = get_args(kinds.Loss)


def with_defaults(owner, setting):
    """Make a section of each type that a setting can hold, by type."""
    sections = kinds_of(owner.model_fields[setting]).sections
    return {kind: each(type=kind) for kind, each in sections.items()}


ENCODERS = [
    Pooling(),
    Recurrent(hidden_size=3),
    Recurrent("gru", hidden_size=2, num_layers=2, bidirectional=True),
    Recurrent("lstm", hidden_size=3),
    Convolutional(channels=3, kernel_sizes=(2, 3)),
    Convolutional(channels=3, kernel_sizes=(3,), stride=2, dilation=2),
    Convolutional(channels=3, kernel_sizes=(3,), padding="valid"),
    NGrams(sizes=(1, 2), dim=3, count=20, hashed=True, vocabulary_size=9),
]
"""One of each way through an encoder."""
WITH_EMBEDDING = [encoder for encoder in ENCODERS if encoder.type != "ngrams"]
"""Those that read an embedding, and that may train side by side."""
MORE_ENCODERS = [
    *ENCODERS,
    *(Recurrent(cell=cell, hidden_size=5) for cell in CELLS),
    *(Recurrent(cell=cell, hidden_size=3, num_layers=2, bidirectional=True) for cell in CELLS),
    Recurrent(hidden_size=1, num_layers=2),
    Convolutional(channels=3, kernel_sizes=(1, 2, 5)),
    Convolutional(channels=3, kernel_sizes=(4,), stride=2, padding="valid"),
    Convolutional(channels=1, kernel_sizes=(9,), padding="valid"),
]
"""With sizes of 1, and all that may differ between two of a type."""
BESIDE = [
    {"encoder": Convolutional(channels=3, kernel_sizes=(2, 3)), "beside": (Recurrent("gru", 2),)},
    {
        "encoder": Convolutional(channels=3, kernel_sizes=(3,), stride=2),
        "beside": (Recurrent("lstm", 2, bidirectional=True), Pooling()),
    },
]
"""Encoders side by side."""
BESIDE_NGRAMS = [
    {"encoder": Convolutional(channels=3, kernel_sizes=(2, 3)), "ngrams": ENCODERS[-1]},
    {**BESIDE[0], "ngrams": ENCODERS[-1]},
    {"encoder": ENCODERS[-1], "beside": (Recurrent("gru", 2),)},
]
"""N-grams as one of several branches."""
ENCODER_TYPES = tuple(with_defaults(ModelSection, "encoder"))

# Short means, so that the largest second mean is not always the last.
ADAM_OPTIONS = [
    {},
    {"eps": 1e-2},
    {"weight_decay": 0.1},
    {"weight_decay": 2.0},
    {"amsgrad": True, "betas": (0.8, 0.5)},
    {"betas": (0.0, 0.9), "eps": 0.1},
    {
        "learning_rate": 0.05,
        "eps": 1e-2,
        "weight_decay": 0.1,
        "amsgrad": True,
        "betas": (0.8, 0.5),
    },
]
OPTIMIZER_OPTIONS = {
    "sgd": [
        {},
        {"weight_decay": 0.1},
        {"momentum": 0.9},
        {"momentum": 0.5, "weight_decay": 0.1},
        {"momentum": 0.9, "nesterov": True},
        {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    ],
    "adam": ADAM_OPTIONS,
    "adamw": ADAM_OPTIONS,
    "rmsprop": [
        {},
        {"eps": 0.1, "alpha": 0.5},
        {"weight_decay": 0.1},
        {"momentum": 0.9},
        {"centered": True, "alpha": 0.9, "eps": 1e-2},
        {"alpha": 0.9, "eps": 1e-2, "weight_decay": 0.1, "momentum": 0.5, "centered": True},
    ],
    "adagrad": [
        {},
        {"eps": 0.1},
        {"lr_decay": 0.1},
        {"weight_decay": 0.1},
        {
            "learning_rate": 0.1,
            "lr_decay": 0.1,
            "weight_decay": 0.1,
            "initial_accumulator_value": 0.5,
            "eps": 1e-2,
        },
    ],
    "nadam": [
        {},
        {"eps": 0.1, "betas": (0.8, 0.5)},
        {"weight_decay": 0.1},
        {"weight_decay": 2.0, "decoupled_weight_decay": True},
        {"momentum_decay": 0.5},
        {
            "learning_rate": 0.05,
            "betas": (0.8, 0.5),
            "eps": 1e-2,
            "weight_decay": 0.1,
            "momentum_decay": 0.1,
            "decoupled_weight_decay": True,
        },
    ],
    "radam": [
        {},
        {"eps": 0.1, "betas": (0.8, 0.9)},
        {"betas": (0.9, 0.5)},  # never rectified
        {"weight_decay": 0.1},
        {"weight_decay": 2.0, "decoupled_weight_decay": True},
        {
            "learning_rate": 0.05,
            "betas": (0.8, 0.95),
            "eps": 1e-2,
            "weight_decay": 0.1,
            "decoupled_weight_decay": True,
        },
    ],
    "adamax": [
        {},
        {"eps": 0.1, "betas": (0.8, 0.5)},
        {"weight_decay": 0.1},
        {"learning_rate": 0.05, "betas": (0.5, 0.9), "eps": 0.1, "weight_decay": 0.1},
    ],
    "adadelta": [
        {},
        {"eps": 0.1, "rho": 0.5},
        {"weight_decay": 0.1},
        {"learning_rate": 0.5, "rho": 0.5, "eps": 1e-2, "weight_decay": 0.1},
    ],
    "rprop": [
        {},
        {"etas": (0.1, 3.0)},
        {"step_sizes": (0.02, 0.04)},
        {"learning_rate": 0.1, "etas": (0.3, 2.0), "step_sizes": (0.01, 0.5)},
    ],
    "asgd": [
        {},
        {"lambd": 0.5},
        {"alpha": 0.1, "lambd": 0.5},
        {"t0": 5.0, "weight_decay": 0.1},
        {"learning_rate": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 3.0, "weight_decay": 0.1},
    ],
    "muon": [
        {},
        {"momentum": 0.5, "nesterov": False, "weight_decay": 0.5},
        {"adjust_lr_fn": "original", "ns_steps": 2},
        {
            "learning_rate": 0.05,
            "momentum": 0.5,
            "nesterov": False,
            "weight_decay": 0.5,
            "ns_steps": 3,
            "eps": 0.1,
            "adjust_lr_fn": "original",
            "adamw_factor": 0.5,
            "adamw_betas": (0.8, 0.5),
            "adamw_eps": 1e-2,
            "adamw_weight_decay": 0.1,
        },
    ],
    "lion": [
        {},
        {"betas": (0.5, 0.9)},
        {"learning_rate": 0.01, "betas": (0.9, 0.5), "weight_decay": 0.5},
    ],
    "schedule_free_adamw": [
        {},
        {"betas": (0.5, 0.9), "eps": 0.1},
        {"weight_decay": 0.5, "warmup_steps": 15},
        {
            "learning_rate": 0.05,
            "betas": (0.8, 0.5),
            "eps": 1e-2,
            "weight_decay": 0.1,
            "warmup_steps": 5,
        },
    ],
    "schedule_free_sgd": [
        {},
        {"momentum": 0.5, "weight_decay": 0.1},
        {"learning_rate": 0.2, "momentum": 0.8, "weight_decay": 0.1, "warmup_steps": 5},
    ],
}
"""What each optimizer is tried with; the last time with all settings at once."""
DEFAULT_OPTIMIZERS = with_defaults(RunConfig, "optimizer")
OPTIMIZERS = DEFAULT_OPTIMIZERS | {
    f"{kind} with all": section.model_validate(
        {"type": kind, **OPTIMIZER_OPTIONS[kind.removesuffix("_by_hand")][-1]}
    )
    for kind, section in DEFAULT_OPTIMIZERS.items()
}
OPTIMIZER_TYPES = tuple(DEFAULT_OPTIMIZERS)

SCHEDULES = {
    **with_defaults(TrainingSection, "schedule"),
    "warmup": WarmupSchedule(warmup_steps=8),
    "linear": LinearSchedule(warmup_steps=8, final_factor=0.1),
    "cosine": CosineSchedule(warmup_steps=8, final_factor=0.1),
    "step": StepSchedule(every_epochs=2, factor=0.5),
}


NOT_EXPORTED = {"onnx": set(), "html": set()}
"""Kinds that ship without a translation, by the format that refuses them: `activation gelu`."""


def exported(form, sort, kinds):
    """List those of a sort, or tuples of them, that a format has a translation for."""
    return [each for each in kinds if NOT_EXPORTED[form].isdisjoint(name_kinds(sort, each))]


def name_kinds(sort, kind):
    """Name an encoder, or one or several kinds without settings, as exports do."""
    kinds = kind if isinstance(kind, tuple) else (getattr(kind, "label", kind),)
    return [f"{sort} {each}" for each in kinds]


def in_yaml(readout):
    """Write a readout, or several, as a config does."""
    return readout if isinstance(readout, str) else f"[{', '.join(readout)}]"
