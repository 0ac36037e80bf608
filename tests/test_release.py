"""What a release says of itself is the same wherever it says it."""

import re
from pathlib import Path

import yaml

import nlptrain

ROOT = Path(__file__).parents[1]


def test_changelog_and_citation_name_this_version_and_its_day():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    changelog = (ROOT / "CHANGELOG.md").read_text()
    version, day = re.search(r"^## \[([\d.]+)\] - ([\d-]+)$", changelog, re.MULTILINE).groups()
    assert version == citation["version"] == nlptrain.__version__
    assert day == citation["date-released"]


def test_runs_of_this_version_do_not_say_an_older_one():
    assert nlptrain.__version__ != "0.1.0"
