"""The instructor guide says of the course what is so."""

import json
import re

import pytest
import yaml

from tools.book import ROOT

GUIDE = ROOT / "book" / "instructors"
PAGES = sorted(GUIDE.glob("*.md"))
PRIVATE = ROOT / "coursework" / "private"
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9][0-9]-*.ipynb"))


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def prose(path):
    return "\n".join(
        "".join(cell["source"])
        for cell in cells(path)
        if cell["cell_type"] == "markdown"
    )


def rows(page, start):
    """Rows of the tables on a page whose first cell matches."""
    for line in (GUIDE / page).read_text(encoding="utf-8").splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if line.startswith("|") and re.match(start, parts[0]):
            yield parts


def source_of(name):
    """The assignment that a row of the guide speaks of."""
    number = re.match(r"homework (\d)", name)
    pattern = f"hw{number[1]}-*" if number else name.replace("-", "")
    (folder,) = (PRIVATE / "source").glob(pattern)
    return folder / f"{folder.name}.ipynb"


def points(path):
    """Points in all, and those for answers in words."""
    total = manual = 0
    for cell in cells(path):
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("grade"):
            total += meta["points"]
            manual += meta["points"] if meta["solution"] else 0
    return total, manual


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_guide_is_a_target(page):
    named = set(re.findall(r"\bmake ([a-z]+)\b(?! it\b)", fenced(page)))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert named <= targets


def fenced(page):
    """What stands in a page's blocks of code and in its code spans."""
    text = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```bash\n.*?```|`[^`\n]+`", text, re.DOTALL))


def test_every_page_is_in_the_contents():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert all(f"book/instructors/{page.stem}\n" in toc for page in PAGES)


def test_points_by_kind_are_those_of_the_sources():
    found = list(rows("outcomes.md", r"(warm-up|homework \d,|capstone)"))
    assert len(found) == 9
    for name, minutes, all_points, *kinds, _ in found:
        path = source_of(name)
        total, manual = points(path)
        assert total == int(all_points) == sum(int(k or 0) for k in kinds)
        assert manual == int(kinds[-1])
        assert f"**Time:** {minutes}" in prose(path)


def test_the_inventory_is_counted_right():
    inventory = yaml.safe_load(
        (PRIVATE / "concept_inventory.yaml").read_text(encoding="utf-8")
    )
    counted = [int(row[-1]) for row in rows("outcomes.md", r"\d+$")]
    assert sum(counted) == len(inventory["questions"])


def test_the_question_bank_is_counted_right():
    text = "\n".join(map(prose, CHAPTERS))
    for kind, mark in (
        ("predict", "{admonition} Predict"),
        ("practice exercises", ":::{exercise}"),
    ):
        ((_, number, *_),) = rows("questions.md", kind)
        assert text.count(mark) == int(re.match(r"\d+", number)[0])


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_has_its_place(chapter):
    for page in ("syllabuses.md", "outcomes.md", "wrong-answers.md"):
        text = (GUIDE / page).read_text(encoding="utf-8")
        assert f"chapters/{chapter.name})" in text, page


def test_minutes_outside_class_are_what_the_pages_state():
    outside = {path.stem[:2]: reading_and_practice(path) for path in CHAPTERS}
    in_order = list(rows("syllabuses.md", r"\d+$"))[:14]
    plain = [row for row in in_order if not row[3]]
    assert len(plain) >= 3
    for _, chapters, _, _, minutes in plain:
        numbers = re.findall(r"chapters/(\d\d)-", chapters)
        world = 15 * ("squatch-world" in chapters)
        stated = sum(outside[number] for number in numbers) + world
        if numbers != ["16"]:  # the capstone is counted there too
            assert abs(stated - int(minutes)) <= 5


def reading_and_practice(path):
    text = prose(path)
    reading = int(re.search(r"\*\*Reading:\*\* (\d+)", text)[1])
    practice = re.findall(r"^\*[A-Z][a-z-]+ · (\d+) min", text, re.MULTILINE)
    return reading + sum(map(int, practice)) / 2
