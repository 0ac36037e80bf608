"""The page that the README links to."""

from pathlib import Path

import pytest

from nlptrain.reporting.pages import network

PAGE = Path(__file__).parents[2] / "docs" / "network.html"
FOLDER = Path(network.__file__).with_suffix("")


@pytest.mark.parametrize("name", network.SCRIPTS)
def test_page_of_the_readme_has_today_s_program(name):
    script = (FOLDER / f"{name}.js").read_text("utf-8")
    renew = "nlptrain train rnn; nlptrain export rnn-001 --format html --output docs/network.html"
    assert script in PAGE.read_text("utf-8"), f"renew it: {renew}"
