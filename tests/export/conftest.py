import pytest

from chromium import open_browser


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests, offline."""
    with open_browser() as started:
        yield started
