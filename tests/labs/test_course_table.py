"""The pages that list labs and the course's rows leave nothing out and name only what exists."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LABS = sorted(path.stem for path in (ROOT / "labs").glob("[0-9][0-9]_*.py"))
COURSE = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")
ROWS = [
    f"{part}{row}" for part, last in (("A", 12), ("B", 7), ("C", 15)) for row in range(1, last + 1)
]


def test_course_table_has_every_row_once_and_in_order():
    assert re.findall(r"^\| ([ABC]\d+) \|", COURSE, re.MULTILINE) == ROWS


def test_course_table_names_only_files_that_exist():
    paths = re.findall(r"`((?:src|tests|configs)/[^` ]+)`", COURSE)
    assert len(paths) > len(ROWS)
    assert [path for path in paths if not (ROOT / path).is_file()] == []


def test_labs_are_numbered_through_and_have_each_a_test_of_its_numbers():
    assert [name[:2] for name in LABS] == [f"{row:02}" for row in range(1, len(LABS) + 1)]
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_labs*.py"))
    assert [name for name in LABS if f'"{name}"' not in tests] == []


@pytest.mark.parametrize("page", ["docs/course.md", "labs/README.md", "README.zh.md"])
def test_page_names_every_lab(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert set(LABS) <= set(re.findall(r"\b\d\d_[a-z_]+[a-z]\b", text))


@pytest.mark.parametrize(
    "page", ["labs/README.md", "labs/GLOSSARY.md", "README.zh.md", "docs/course.md"]
)
def test_links_and_figures_lead_somewhere(page):
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text)
    missing = [a or b for a, b in targets if not (path.parent / (a or b)).is_file()]
    assert missing == []


def test_every_lab_has_its_figure_in_the_readme():
    text = (ROOT / "labs" / "README.md").read_text(encoding="utf-8")
    assert [name for name in LABS if f"figures/{name}" not in text] == []


def test_glossary_has_a_row_a_term():
    text = (ROOT / "labs" / "GLOSSARY.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \| [\d, ]+ \|$", text, re.MULTILINE)
    assert len(terms) == len(set(terms)) > 50
    assert {"池化", "词嵌入", "批归一化"} <= set(terms)
