from nlptrain.reporting.html_page import render_cell, render_page, render_row, render_table


def test_title_and_names_are_escaped():
    assert "<title>&lt;b&gt;</title>" in render_page("<b>", "", "")
    assert render_cell("<b>") == "<td>&lt;b&gt;</td>"
    assert render_row("<b>", "").startswith('<tr><th scope="row">&lt;b&gt;</th>')
    assert '<th scope="col">&lt;b&gt;</th>' in render_table(["<b>"], "")


def test_page_carries_the_common_style_the_own_one_and_the_body():
    page = render_page("t", ".own { color: red; }", "<p>text</p>")
    style = page[page.index("<style>") : page.index("</style>")]
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert style.endswith(".own { color: red; }")
    assert page.endswith("<body>\n<p>text</p></body>\n</html>\n")
