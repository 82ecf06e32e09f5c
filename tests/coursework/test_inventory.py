"""The concept inventory: its source and its forms."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from coursework.inventory import forms, questions

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def inventory():
    return questions.load()


@pytest.fixture(params=forms.FORMS)
def form(request, inventory):
    return forms.build(inventory, request.param)


def prose(page: str) -> str:
    """Give the text of a page of the book, headings included."""
    notebook = ROOT / f"{page}.ipynb"
    if not notebook.exists():
        return (ROOT / f"{page}.md").read_text("utf-8")
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n\n".join(
        "".join(c["source"]) for c in cells if c["cell_type"] == "markdown"
    )


def section(page: str, heading: str) -> str:
    """Give what stands under a heading, up to the next of its level."""
    text = prose(page)
    found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert found, f"{page} has no heading {heading!r}"
    rest = text[found.end() :]
    return re.split(rf"^#{{1,{len(found[1])}}} ", rest, flags=re.MULTILINE)[0]


def test_there_are_25_questions_from_all_parts_of_the_book(inventory):
    assert len(inventory.questions) == 25
    for question in inventory.questions:
        assert (ROOT / "chapters" / f"{question.chapter}.ipynb").exists()
    chapters = {int(q.chapter[:2]) for q in inventory.questions}
    assert chapters >= set(range(15))


def test_every_belief_is_treated_where_the_source_says(inventory):
    for belief in inventory.beliefs.values():
        under = section(belief.page, belief.heading)
        assert belief.quote in " ".join(under.split()), belief.key


def test_every_belief_is_shown_by_an_answer(inventory):
    shown = {
        option.belief.key
        for question in inventory.questions
        for option in question.options
        if option.belief
    }
    assert shown == set(inventory.beliefs)


def test_most_beliefs_are_what_people_get_wrong(inventory):
    headings = Counter(
        (b.page == "book/corrections" or b.heading == "What people get wrong")
        for b in inventory.beliefs.values()
    )
    assert headings[True] >= 0.8 * headings.total()


def test_length_does_not_give_the_right_answer_away(inventory):
    longest = shortest = 0
    for question in inventory.questions:
        lengths = [len(option.text) for option in question.options]
        assert max(lengths) <= 1.25 * min(lengths), question.key
        longest += lengths[0] == max(lengths)
        shortest += lengths[0] == min(lengths)
    assert longest <= 10
    assert shortest <= 10


def test_questions_need_no_word_of_the_field(inventory):
    taught = (
        "softmax", "token", "embedding", "query", "key/value", "logit",
        "gradient", "decoder", "encoder", "cosine", "vector", "LSTM", "epoch",
    )  # fmt: skip
    for question in inventory.questions:
        text = question.stem + "".join(o.text for o in question.options)
        for word in taught:
            assert word.casefold() not in text.casefold(), question.key


def test_right_answers_are_spread_evenly_over_the_places(form):
    places = Counter(item.right for item in form.items)
    assert sorted(places.values()) == [6, 6, 6, 7]


def test_forms_hold_the_same_questions_and_differ(inventory):
    a, b = (forms.build(inventory, name) for name in forms.FORMS)
    assert [i.question for i in a.items] == list(inventory.questions)
    assert {i.question.key for i in b.items} == {
        i.question.key for i in a.items
    }
    assert [i.question for i in a.items] != [i.question for i in b.items]
    right = {item.question.key: item.right for item in b.items}
    for item in a.items:
        assert set(item.options) == set(item.question.options)
        assert item.option(item.right).belief is None
        assert right[item.question.key] != item.right


def test_a_form_follows_the_seed_alone(inventory, tmp_path):
    again = forms.build(questions.load(), "A")
    assert again == forms.build(inventory, "A")
    raw = yaml.safe_load(questions.SOURCE.read_text("utf-8"))
    raw["seed"] += 1
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(raw), "utf-8")
    moved = forms.build(questions.load(other), "A")
    assert [i.right for i in moved.items] != [i.right for i in again.items]


def test_there_is_no_form_c(inventory):
    with pytest.raises(ValueError, match="form 'C' is not one of A, B"):
        forms.build(inventory, "C")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda raw: raw["questions"][0]["wrong"].pop(), "has 2 wrong"),
        (lambda raw: raw["questions"].append(raw["questions"][0]), "twice"),
        (
            lambda raw: raw["questions"][3]["wrong"][0].update(belief="no"),
            "q04: no belief 'no'",
        ),
        (
            lambda raw: raw["questions"][3]["wrong"][0].update(
                text=raw["questions"][3]["right"]
            ),
            "q04 has the same answer twice",
        ),
        (lambda raw: raw["questions"][5].pop("stem"), "stem"),
        (lambda raw: raw.pop("seed"), "seed"),
    ],
)
def test_a_faulty_source_is_refused(tmp_path, change, complaint):
    raw = yaml.safe_load(questions.SOURCE.read_text("utf-8"))
    change(raw)
    path = tmp_path / "inventory.yaml"
    path.write_text(yaml.safe_dump(raw), "utf-8")
    with pytest.raises(questions.SourceError, match=complaint):
        questions.load(path)
