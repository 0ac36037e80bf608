"""The error tree: every failure that is the input's fault, not a bug.

    NlptrainError
    ├── ConfigError      a config or a --set that does not say a valid run
    ├── DataError        a data file or a task that cannot give the examples asked for
    ├── RunFolderError   a run, model file or checkpoint that is missing, damaged or foreign
    │   └── WritingError       a file that the system does not let us write
    └── TrainingError    a training that cannot go on
        └── NonFiniteStepError a step whose loss or gradient is NaN or infinite

The command line prints these as plain lines and exits 1; anything else is a bug and keeps its
traceback. A message says what is wrong, where, what was found, what is allowed, what to do next.
"""


class NlptrainError(Exception):
    """A failure with a message for the user; the root of the tree."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether Python, NumPy or torch ran out of memory."""
    if isinstance(error, RuntimeError):
        return "allocate memory" in str(error) or "out of memory" in str(error)
    return isinstance(error, MemoryError)


class ConfigError(NlptrainError):
    """A config or an override that does not describe a valid run."""


class DataError(NlptrainError):
    """Data that cannot be read, or cannot give the examples that were asked for."""


class RunFolderError(NlptrainError):
    """A run, a model file or a checkpoint that is missing, damaged or foreign."""


class WritingError(RunFolderError):
    """A file that the system does not let us write: no room, no permission, no folder."""


class TrainingError(NlptrainError):
    """A training that cannot start or go on."""


class NonFiniteStepError(TrainingError):
    """A step whose loss or gradient is NaN or infinite: its update was not made."""
