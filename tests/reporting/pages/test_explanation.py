from html.parser import HTMLParser

import numpy as np
import pytest

from nlptrain.errors import RunFolderError
from nlptrain.reporting.pages.explanation import render_page, save_page
from nlptrain.reporting.worked_example import (
    CharacterScore,
    HeatMap,
    NumberTable,
    Step,
    WorkedExample,
)

EVIL = "<script>alert('1')</script>&\""
LOADING = {"src", "href", "data", "srcset", "poster", "action"}


def make_example(text="ab", strength=1.0):
    return WorkedExample(
        text=text,
        outcome=f"{text}, probability 0.9",
        steps=(
            Step(
                text,
                text,
                (NumberTable((text, "1"), ((text, "0.5000"),)),),
                (text,),
                text,
                heat_maps=(HeatMap((text,), (text,), np.array([[0.5]])),),
            ),
            Step("second", "words"),
        ),
        measures=(text, "removed"),
        scores=(CharacterScore(1, text, strength, ("+1.0000", "-2.0000")),),
        source=text,
    )


class Elements(HTMLParser):
    """The start tags, the attributes and the words of a page."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_every_string_of_the_users_is_escaped():
    harmless, evil = (
        Elements(render_page(make_example())),
        Elements(render_page(make_example(EVIL))),
    )
    assert evil.tags == harmless.tags
    assert sum(EVIL in word for word in evil.words) == 14
    assert not any(EVIL in (value or "") for _, value in evil.attributes)


def test_page_is_well_formed_and_loads_nothing():
    page = render_page(make_example())
    elements = Elements(page)
    assert elements.open == []
    assert not LOADING & {name for name, _ in elements.attributes}
    assert "url(" not in page
    assert "@import" not in page


def test_steps_are_numbered_in_order():
    words = Elements(render_page(make_example())).words
    assert words.index("1. ab") < words.index("2. second")


@pytest.mark.parametrize(
    ("strength", "colour"), [(1.0, "#2166ac"), (-1.0, "#b2182b"), (0.5, "#90b2d6"), (0.0, None)]
)
def test_shade_says_direction_and_strength(strength, colour):
    assert make_example(strength=strength).scores[0].background == colour


@pytest.mark.parametrize("strength", [1.0, 0.76, 0.75, 0.3, -0.3, -0.75, -0.76, -1.0])
def test_letters_stand_out_from_their_shade(strength):
    score = make_example(strength=strength).scores[0]
    light, dark = sorted(map(luminance, (score.background, score.foreground)), reverse=True)
    # WCAG 2.2, large text: the string is set in 24 pixels.
    assert (light + 0.05) / (dark + 0.05) >= 3


def luminance(colour):
    """Compute WCAG's relative luminance of #rrggbb."""
    parts = [int(colour[begin : begin + 2], 16) / 255 for begin in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_bar_runs_right_for_the_class_and_left_against_it():
    assert '<span></span><span><i class="for" style="width:50%">' in render(0.5)
    assert '<div class="bar"><span><i class="against" style="width:50%">' in render(-0.5)


def render(strength):
    return render_page(make_example(strength=strength))


@pytest.mark.parametrize(
    ("strength", "kind"),
    [(1.0, "shade for strong"), (0.5, "shade for"), (-0.76, "shade against strong"), (0.01, "")],
)
def test_character_is_shaded_by_the_pages_style(strength, kind):
    shade = f' class="{kind}" style="--share:{abs(strength):.0%}"' if kind else ""
    assert f'<p class="string"><span{shade}>ab</span>' in render(strength)


def test_page_is_written_whole(tmp_path):
    save_page(make_example("你"), tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == render_page(make_example("你"))
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_page_that_cannot_be_written_is_a_users_mistake(tmp_path):
    with pytest.raises(RunFolderError, match="cannot write"):
        save_page(make_example(), tmp_path / "missing" / "page.html")
