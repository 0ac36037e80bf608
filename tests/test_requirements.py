"""requirements/predict.txt is what `pyproject.toml` needs without its large packages."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = {"torch", "tensorboard", "scipy", "matplotlib", "pillow", "polars"}
FOR_SERVE = {"fastapi", "uvicorn", "prometheus-client"}


def names(lines):
    """Name the packages of requirements, as indexes do."""
    found = (re.match(r"[\w.-]+", line) for line in lines if not line.startswith("#"))
    return {re.sub(r"[-_.]+", "-", each[0]).lower() for each in found if each}


def read(name):
    return (ROOT / name).read_text().splitlines()


def test_predicting_needs_all_but_the_large_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert names(read("requirements/predict.in")) == (
        names(project["dependencies"]) - LEFT_OUT | FOR_SERVE
    )


def test_locked_set_has_every_package_and_none_of_the_large_ones():
    locked = names(read("requirements/predict.txt"))
    assert names(read("requirements/predict.in")) <= locked
    assert not LEFT_OUT & locked


def test_locked_versions_are_those_that_are_tested():
    tested = {line.partition(" ")[0] for line in read("constraints.txt")}
    locked = {line.partition(" ")[0] for line in read("requirements/predict.txt") if line[0] != "#"}
    # Packages of the server alone are in constraints.txt as soon as an extra brings them.
    others = {each for each in locked if each.partition("==")[0] in names(read("constraints.txt"))}
    assert others <= tested
