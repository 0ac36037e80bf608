import pytest

from nlptrain.errors import MissingPackageError
from nlptrain.packages import is_installed, require


def test_package_is_found_without_being_imported():
    assert is_installed("numpy")
    assert not is_installed("no_such_package")
    assert not is_installed("numpy.no.such.module")


def test_all_that_is_missing_is_named_once():
    with pytest.raises(MissingPackageError) as refused:
        require("no_such", "numpy", "nor_this", purpose="flying")
    assert "flying needs no_such and nor_this" in str(refused.value)
    assert "pip install no_such nor_this" in str(refused.value)


def test_what_an_extra_brings_is_installed_as_that():
    with pytest.raises(MissingPackageError, match=r"pip install 'nlptrain\[wings\]'"):
        require("no_such", purpose="flying", extra="wings")


def test_nothing_is_said_where_nothing_is_missing():
    require("numpy", purpose="flying")
