"""What a reader of a page sees and does."""

import pytest

from chromium import open_page, type_text
from nlptrain.export.html import render_page
from nlptrain.inference.explanation.explanation import explain
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.recurrent import Recurrent
from untrained import make_model

pytestmark = pytest.mark.long


@pytest.fixture
def page(browser, tmp_path):
    """Open the page of a small recurrent network, anew in English."""
    model = make_model(Recurrent(hidden_size=3), readout="last", output="sigmoid")
    assert open_page(browser, render_page(model), tmp_path) == []
    return browser


def find(browser, selector):
    return browser.find_element("css selector", selector)


def find_all(browser, selector):
    return browser.find_elements("css selector", selector)


def press(browser, key):
    browser.switch_to.active_element.send_keys(key)


def test_nothing_is_loaded(page):
    type_text(page, "abc")
    assert page.execute_script("return performance.getEntriesByType('resource')") == []
    assert page.get_log("browser") == []


def test_steps_are_numbered_and_have_their_formulas(page):
    # What is off the screen has no visible text yet.
    titles = [each.get_property("textContent") for each in find_all(page, "section h2")]
    assert [title[:2] for title in titles[1:]] == [f"{n}." for n in range(1, len(titles))]
    assert len(find_all(page, "section math")) == 5


def test_language_changes_with_a_button_and_the_string_stays(page):
    type_text(page, "fab")
    find(page, "#language").click()
    assert find(page, "html").get_attribute("lang") == "zh"
    assert "字符" in find(page, "section h2").text
    assert find(page, "textarea").get_attribute("value") == "fab"
    find(page, "#language").click()
    assert find(page, "html").get_attribute("lang") == "en"


def test_two_strings_stand_side_by_side_on_a_wide_screen(page):
    find(page, "#compare").click()
    first, second = find_all(page, "article")
    assert first.rect["x"] < second.rect["x"]
    assert first.rect["y"] == second.rect["y"]
    find(page, "#compare").click()
    assert len(find_all(page, "article")) == 1


def test_a_unit_is_looked_at_with_the_keyboard(page):
    keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
    type_text(page, "abc")
    maps = find_all(page, ".map canvas[tabindex]")
    page.execute_script("arguments[0].focus()", maps[1])
    press(page, keys.ARROW_RIGHT)
    press(page, keys.ARROW_RIGHT)
    press(page, keys.ARROW_DOWN)
    value = page.execute_script(
        "return nlptrain.explain('abc').outputs.encoder.data[1 * 3 + 1].toFixed(4)"
    )
    words = find_all(page, ".map .line")[1].text.replace("−", "-")
    assert words == f"unit 2 at position 2 (b): {value}"


def test_an_explanation_in_the_console_keeps_its_numbers(page):
    kept, fresh = page.execute_script(
        "const first = nlptrain.explain('abc');"
        "for (const text of ['ba', 'cab', 'c']) nlptrain.explain(text);"
        "return [first, nlptrain.explain('abc')].map(({ outputs }) => [...outputs.encoder.data])"
    )
    assert kept == fresh


def test_opened_numbers_follow_the_string(page):
    type_text(page, "abc")
    details = find_all(page, "section details")[1]
    details.find_element("css selector", "summary").click()
    type_text(page, "ab")
    rows = details.find_elements("css selector", "tbody tr")
    assert [row.find_element("css selector", "th").text for row in rows] == ["1 a", "2 b"]


def test_enter_alone_adds_no_character(page):
    keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
    type_text(page, "ab")
    find(page, "textarea").send_keys(keys.ENTER)
    assert find(page, "textarea").get_attribute("value") == "ab"


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_wider_than_the_screen(page, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        type_text(page, "abcdef" * 20)
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_without_scripts_the_page_says_what_it_needs(browser, tmp_path):
    model = make_model(Recurrent(hidden_size=3), readout="last")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page(browser, render_page(model), tmp_path)
        assert "JavaScript" in find(browser, "noscript").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.fixture
def pair(browser, tmp_path):
    """Open the page of two networks whose classes are not all the same, anew in English."""
    first = make_model(Recurrent(hidden_size=3), readout="last", output="sigmoid")
    second = make_model(Convolutional(4, (2, 3)), readout="max")
    models = [
        Model(tmp_path / f"{name}.safetensors", model.file)
        for name, model in (("first", first), ("second", second))
    ]
    assert open_page(browser, render_page(*models), tmp_path) == []
    return browser, models


def test_two_networks_read_one_string(pair):
    browser, models = pair
    type_text(browser, "abc")
    assert len(find_all(browser, "textarea")) == 1
    assert [each.text for each in find_all(browser, "h2.network")] == ["first", "second"]
    assert [each.text.split()[0] for each in find_all(browser, ".answer")] == [
        explain(model, "abc").label for model in models
    ]
    assert not find(browser, "#compare").is_displayed()


@pytest.mark.parametrize("text", ["abc", "", "f" * 12])
def test_where_two_networks_differ_is_shown(pair, text):
    browser, models = pair
    type_text(browser, text)
    explanations = [explain(model, text) for model in models]
    known = [
        dict(zip(model.file.labels, each.probabilities.tolist(), strict=True))
        for model, each in zip(models, explanations, strict=True)
    ]
    rows = [
        [cell.text.replace("−", "-") for cell in row.find_elements("css selector", "th, td")]
        for row in find_all(browser, ".comparison tbody tr")
    ]
    assert {row[0] for row in rows} == set(known[0]) | set(known[1])
    for label, *shown, difference in rows:
        values = [each.get(label) for each in known]
        for cell, value in zip(shown, values, strict=True):
            assert (cell == "–") if value is None else float(cell) == pytest.approx(value, abs=1e-4)
        expected = (values[1] or 0) - (values[0] or 0)
        assert float(difference) == pytest.approx(expected, abs=1e-4)
    sizes = [abs(float(row[-1])) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    agree = explanations[0].label == explanations[1].label
    answer = find(browser, ".comparison [role=status]")
    assert ("disagree" in answer.get_attribute("class")) is not agree
    assert all(each.label in answer.text for each in explanations)


def test_characters_stand_below_each_other_where_two_networks_differ(pair):
    browser, _ = pair
    type_text(browser, "fab")
    strings = find_all(browser, ".comparison .string")
    assert [each.text for each in strings] == ["fab", "fab"]
    assert all(each.find_elements("css selector", ".shade") for each in strings)
    find(browser, "#language").click()
    assert find(browser, "textarea").get_attribute("value") == "fab"
    assert "差别" in find(browser, ".comparison h2").text


def test_what_is_off_the_screen_follows_the_string(page):
    last = find_all(page, "section")[-1]
    for text in ("ab", "abcdef" * 3):
        type_text(page, text)
        top = page.execute_script("return arguments[0].getBoundingClientRect().top", last)
        assert top > 900
        probabilities = page.execute_script(
            "return [...nlptrain.explain(arguments[0]).probabilities]", text
        )
        assert f"{max(probabilities):.4f} →" in last.get_property("textContent")


def test_colours_off_the_screen_are_drawn_when_they_come_there(page):
    support = pytest.importorskip("selenium.webdriver.support.wait")
    canvas = find_all(page, "section canvas:not([hidden])")[-1]

    def run(what):
        return page.execute_script(f"return arguments[0].{what}", canvas)

    type_text(page, "aaaa")
    assert run("getBoundingClientRect().top") > 900
    before = run("toDataURL()")
    type_text(page, "ffffff")
    assert run("toDataURL()") == before
    run("scrollIntoView()")
    support.WebDriverWait(page, 10).until(lambda _: run("toDataURL()") != before)
