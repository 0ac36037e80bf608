"""Packages that not every installation has: an extra's, and those that predicting does without."""

from importlib.util import find_spec

from nlptrain.errors import MissingPackageError


def is_installed(package: str) -> bool:
    """Return whether a package can be imported, without importing it."""
    try:
        return find_spec(package) is not None
    except ImportError:
        return False


def require(*packages: str, purpose: str, extra: str | None = None) -> None:
    """Refuse what cannot be done without some packages.

    Args:
        packages: As they are imported, and as pip calls them.
        purpose: What needs them.
        extra: The extra of nlptrain that brings them; None if nlptrain does itself.

    Raises:
        MissingPackageError: Some of them are not installed.
    """
    missing = [package for package in packages if not is_installed(package)]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        install = " ".join(missing) if extra is None else f"'nlptrain[{extra}]'"
        raise MissingPackageError(
            f"{purpose} needs {' and '.join(missing)}, which {are} not installed: "
            f"pip install {install}"
        )
