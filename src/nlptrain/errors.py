"""The error tree: every failure caused by the input or the system, not by a bug.

    NlptrainError
    ├── ConfigError      a config or an override that is not valid
    ├── DataError        a data file or a task that cannot provide the requested examples
    ├── RunFolderError   a run, model file or checkpoint that is missing, damaged or foreign
    │   └── WritingError       a file that cannot be written
    ├── TrainingError    a training run that cannot start or continue
    │   ├── NonFiniteStepError a step whose loss or gradient is NaN or infinite
    │   └── LostProcessError   one of several processes that train together has ended
    ├── ExportError      a network that another format cannot hold, or that computes otherwise there
    └── MissingPackageError  what needs a package that is not installed

The command line prints these as plain lines and exits with status 1; anything else is a bug and
keeps its traceback. A message states what is wrong, where, what was found, what is allowed, and
what to do next.
"""


class NlptrainError(Exception):
    """A failure with a message for the user; the base of all errors."""


def describe_lack_of_memory(error: BaseException) -> str:
    """Describe what could not be allocated, as far as the error knows."""
    return f"not enough memory: {str(error) or 'none could be allocated'}"


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether Python, NumPy or torch ran out of memory, or a library could not be loaded."""
    if isinstance(error, RuntimeError):
        return "allocate memory" in str(error) or "out of memory" in str(error)
    if isinstance(error, ImportError):
        return "failed to map segment" in str(error) or "cannot allocate memory" in str(error)
    return isinstance(error, MemoryError)


class ConfigError(NlptrainError):
    """A config or an override that is not valid."""


class DataError(NlptrainError):
    """Data that cannot be read, or cannot provide the requested examples."""


class RunFolderError(NlptrainError):
    """A run, a model file or a checkpoint that is missing, damaged or foreign."""


class WritingError(RunFolderError):
    """A file that cannot be written: no space, no permission, no folder."""


class TrainingError(NlptrainError):
    """A training run that cannot start or continue."""


class NonFiniteStepError(TrainingError):
    """A step whose loss or gradient is NaN or infinite; its update was not made."""


class LostProcessError(TrainingError):
    """One of several processes that train together has ended, or cannot be reached."""


class ExportError(NlptrainError):
    """A network that cannot be exported, or whose file does not compute what it computes."""


class MissingPackageError(NlptrainError):
    """What needs a package that is not installed."""
