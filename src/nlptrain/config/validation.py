"""A document's plain data → a frozen RunConfig, or every reason why not."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nlptrain.config.document import Document
from nlptrain.config.messages import explain
from nlptrain.config.problems import MOST_TOLD
from nlptrain.config.run import RunConfig


def validate(document: Document) -> RunConfig:
    """Make the config that a document describes.

    Raises:
        ConfigError: All problems, those that were found earlier included.
    """
    try:
        config = RunConfig.model_validate(document.data)
    except ValidationError as failure:
        _add_problems(document, failure.errors(include_url=False))
        raise document.error() from None
    if document.problems:
        raise document.error()
    return config


def _add_problems(document: Document, errors: list[ErrorDetails]) -> None:
    """Add what pydantic refuses, except inside values that are refused already."""
    known = [problem.path for problem in document.problems if problem.path]
    document.omitted += max(0, len(errors) - MOST_TOLD)
    for error in errors[:MOST_TOLD]:
        problem = explain(error, document.data)
        is_known = any(problem.path[: len(path)] == path for path in known)
        if not is_known and not _is_echo(error, errors):
            document.problems.append(problem)


def _is_echo(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Return whether a list counts as short only because its entries were refused."""
    depth = len(error["loc"])
    return error["type"] == "too_short" and any(
        other["loc"][:depth] == error["loc"] and len(other["loc"]) > depth for other in errors
    )
