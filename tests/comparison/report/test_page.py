import re
from html.parser import HTMLParser

import pytest

from nlptrain.comparison.report.page import render_report
from nlptrain.comparison.report.rules import protocol_statements
from nlptrain.comparison.results import Contestant

FIGURES = ["scores", "validation", "curves", "sensitivity", "profile"]
PICTURES = dict.fromkeys([f"{name}.svg" for name in FIGURES], b"<svg/>")


class Reader(HTMLParser):
    """Checks that tags are closed in order; gathers tags and text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="session")
def read():
    def read(page):
        reader = Reader()
        reader.feed(page)
        assert reader.open == []
        return reader

    return read


@pytest.fixture
def page(realistic_results):
    return render_report(realistic_results, PICTURES)


def test_page_needs_nothing_else_and_runs_nothing(page, read):
    tags = read(page).tags
    assert not {"script", "link"} & {tag for tag, _ in tags}
    sources = [attributes["src"] for tag, attributes in tags if tag == "img"]
    assert sources == ["data:image/svg+xml;base64,PHN2Zy8+"] * 5
    assert not re.search(r"https?://", page)


def test_tuned_settings_are_shown_where_anybody_tunes_some(make_tuned_results, page, read):
    text = read(render_report(make_tuned_results(), PICTURES)).text
    assert "other settings" in text
    assert text.count("weight_decay 0.01, betas [0.9, 0.99]") >= 2
    assert "0.01, 0.1, 1; weight_decay: 0, 0.01; betas: [0.9, 0.999], [0.9, 0.99]" in text
    assert "a learning rate counts with the best" in " ".join(text.split())
    assert "other settings" not in read(page).text.partition("Protocol")[0]


def test_names_are_escaped(page, read):
    reader = read(page)
    assert ("b", {}) not in reader.tags
    assert "<b>nesterov</b> $x_2$" in reader.text


def test_answer_stands_before_everything_else(page, read):
    text = read(page).text
    places = [
        text.index(part)
        for part in ("contestants can be told", "Ranking", "Final validation", "Protocol")
    ]
    assert places == sorted(places)


def test_every_rule_is_stated_once_under_its_id(page, read, realistic_results):
    ids = [attributes["id"] for _, attributes in read(page).tags if "id" in attributes]
    rules = protocol_statements(realistic_results.protocol)
    assert ids == ["protocol", *(f"rule-{rule.id}" for rule in rules)]


def test_protocol_is_summed_up_in_three_of_its_rules_before_the_ranking(page, read):
    summary = read(page).text.split("Ranking")[0]
    assert "Every contestant has the same tuning budget at first: 7 learning rates" in summary
    assert "on 5 seeds (2 to 6); none of them was used for tuning." in summary
    assert "The test split is read once" in summary


def test_every_figure_says_what_it_shows_and_has_its_numbers(page, read):
    tags = read(page).tags
    titles = [attributes["alt"].split(";")[0] for tag, attributes in tags if tag == "img"]
    assert len(set(titles)) == 5
    assert [title for title in titles if f"<summary>{title} in numbers" not in page] == []


def test_every_pair_and_every_contestants_settings_are_there(page, read):
    text = read(page).text
    pairs = re.findall(r"can be seen with|cannot be told apart|are the same on", text)
    assert len(pairs) == 28
    assert text.count("optimizer.betas = 0.9, 0.999") == 8


def test_diverged_trials_are_counted_by_learning_rate(page):
    row = "<td>final</td><td>0.0464</td><td>2 of 5</td>"
    assert f'<th scope="row">sgd (momentum 0.9)</th>{row}' in page


def test_comparison_without_tuning_says_nothing_of_learning_rates(make_duel, read):
    text = read(render_report(make_duel(a=[0.5], b=[0.6]), PICTURES)).text
    assert "Learning rates tried" not in text
    assert "Diverged trials\nNone." in text


def test_page_of_one_contestant_that_diverged_is_whole(make_trial, make_results, read):
    results = make_results([make_trial("a", 0, [], diverged=True)])
    text = read(render_report(results, {})).text
    assert "Every final trial diverged" in text
    assert "Differences" not in text


def test_settings_are_escaped(make_duel, make_results, make_trial, read):
    contestants = (Contestant("a", {"x": "</td><script>"}),)
    results = make_results([make_trial("a", 0, [0.5])], contestants=contestants)
    assert "x = </td><script>" in read(render_report(results, {})).text
