import jinja2
import pytest

from nlptrain.reporting.pages.page import render_template
from nlptrain.reporting.worked_example import NumberTable, Step, WorkedExample


def render(text):
    steps = (Step(text, text, (NumberTable((text,), ((text, text),)),)),)
    example = WorkedExample(text, text, steps, (text,), (), text)
    return render_template("explanation.html", title=text, example=example)


def test_what_is_put_in_is_escaped():
    page = render("<b>")
    assert "<b>" not in page
    for before in ("<title>", '<th scope="col">', '<th scope="row">', "<td>"):
        assert f"{before}&lt;b&gt;</" in page


def test_what_a_terminal_would_obey_is_shown():
    assert "<title>\\x1b[1m</title>" in render("\x1b[1m")


def test_page_carries_the_common_style_and_its_own():
    page = render("t")
    style = page[page.index("<style>") : page.index("</style>")]
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert ".bar" in style


def test_value_that_is_missing_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="title"):
        render_template("explanation.html")
