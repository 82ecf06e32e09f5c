"""Before and after: answer sheets read, and compared."""

import csv

import pytest

from coursework.inventory import analysis, answers, forms, questions
from coursework.inventory.__main__ import main
from coursework.inventory.analysis import normalized_gain
from coursework.inventory.text import inline


@pytest.fixture(scope="module")
def inventory():
    return questions.load()


def sheet(inventory, form, n_right, belief=None):
    """Fill in a sheet: so many right, then the first wrong letter.

    With a belief, an answer that shows it is taken wherever there is one.
    """
    cells = {}
    for item in forms.build(inventory, form).items:
        key = int(item.question.key[1:])
        wrong = next(x for x in forms.LETTERS if x != item.right)
        letter = item.right if key <= n_right else wrong
        for x in forms.LETTERS:
            shown = item.option(x).belief
            if shown and shown.key == belief:
                letter = x
        cells[str(item.number)] = letter
    return cells


@pytest.fixture
def write(tmp_path):
    def write(rows):
        path = tmp_path / "answers.csv"
        names = ["student", "when", "form", *map(str, range(1, 26))]
        names += [n for row in rows for n in row if n not in names]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def paper(inventory, student, when, form, n_right, **more):
    given = {"student": student, "when": when, "form": form}
    return given | sheet(inventory, form, n_right, **more)


@pytest.mark.parametrize(
    ("before", "after", "gain"),
    [(0.4, 0.7, 0.5), (0.2, 0.2, 0), (0.5, 0.25, -0.5), (0, 1, 1)],
)
def test_gain_is_what_was_gained_of_what_could_be(before, after, gain):
    assert normalized_gain(before, after) == pytest.approx(gain)


def test_gain_is_undefined_where_all_was_right():
    assert normalized_gain(1, 1) is None


def test_class_is_compared_over_both_forms(inventory, write):
    path = write(
        [
            paper(inventory, "ada", "before", "A", 10),
            paper(inventory, "bob", "before", "B", 5),
            paper(inventory, "eve", "before", "A", 25),
            paper(inventory, "Ada ", "after", "B", 20),
            paper(inventory, "bob", "after", "A", 15),
        ]
    )
    papers = answers.read(path, inventory)
    found = analysis.analyse(inventory, papers)
    assert found.students == 2
    assert found.left_out == ("eve",)
    assert found.before == pytest.approx(15 / 50)
    assert found.after == pytest.approx(35 / 50)
    assert found.gain == pytest.approx(20 / 35)  # (35 - 15) / (50 - 15)
    # ada 10 of 15, bob 10 of 20: 2/3 and 1/2
    assert found.spread == pytest.approx((2 / 3 - 1 / 2) / 2**0.5)
    assert found.blank == (0, 0)
    by_key = {result.question.key: result for result in found.questions}
    assert (by_key["q07"].before, by_key["q07"].after) == (0.5, 1)
    assert by_key["q07"].gain == 1
    assert by_key["q07"].tempting is None
    assert (by_key["q17"].before, by_key["q17"].after) == (0, 0.5)
    assert by_key["q01"].gain is None
    assert by_key["q01"].discrimination is None


def test_beliefs_are_counted_and_sorted_by_what_is_left(inventory, write):
    path = write(
        [
            paper(
                inventory,
                "ada",
                "before",
                "A",
                25,
                belief="mask-changes-words",
            ),
            paper(
                inventory, "bob", "before", "A", 25, belief="head-gets-a-part"
            ),
            paper(
                inventory, "ada", "after", "B", 25, belief="head-gets-a-part"
            ),
            paper(inventory, "bob", "after", "B", 25),
        ]
    )
    found = analysis.analyse(inventory, answers.read(path, inventory))
    # heads: one answer to q12, one of two to q13; masks: one of two to q14
    assert [(b.key, x, y) for b, x, y in found.beliefs] == [
        ("head-gets-a-part", 2, 2),
        ("mask-changes-words", 1, 0),
    ]
    by_key = {result.question.key: result for result in found.questions}
    belief, times = by_key["q13"].tempting
    assert (belief.key, times) == ("head-gets-a-part", 1)


def test_discrimination_compares_the_halves_of_the_class(inventory, write):
    rows = []
    for student, n_right in (("a", 25), ("b", 20), ("c", 10), ("d", 2)):
        rows += [
            paper(inventory, student, when, "A", n_right)
            for when in answers.WHEN
        ]
    found = analysis.analyse(inventory, answers.read(write(rows), inventory))
    by_key = {r.question.key: r.discrimination for r in found.questions}
    assert by_key["q01"] == 0
    assert by_key["q05"] == 0.5
    assert by_key["q14"] == 1
    assert by_key["q25"] == 0.5


def test_an_answer_left_out_is_not_right_and_no_belief(inventory, write):
    before = paper(inventory, "ada", "before", "A", 25)
    before["3"] = ""
    path = write([before, paper(inventory, "ada", "after", "A", 25)])
    found = analysis.analyse(inventory, answers.read(path, inventory))
    assert found.before == pytest.approx(24 / 25)
    assert found.blank == (1, 0)
    assert found.beliefs == ()


def test_texts_of_a_learning_management_system_are_understood(
    inventory, tmp_path
):
    form = forms.build(inventory, "B")
    row = {"name": "Ada L.", "student": "ada", "section": "1"}
    for item in form.items:
        head = f"{4700 + item.number}: {inline(item.question.stem)}"
        row[head] = inline(item.option(item.right).text)
        row[f"{head} points"] = "1.0"
    path = tmp_path / "canvas.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*row, "when", "form"])
        writer.writeheader()
        for when in answers.WHEN:
            writer.writerow({**row, "when": when, "form": "b"})
    found = analysis.analyse(inventory, answers.read(path, inventory))
    assert found.before == found.after == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"when": "later"}, "line 2: when is 'later'"),
        ({"form": "C"}, "there is no form 'C'"),
        ({"student": ""}, "the student is missing"),
        ({"7": "E"}, "'E' is no answer to q07"),
        ({"7": "AB"}, "'AB' is no answer to q07"),
        ({"when": "after"}, "ada has a second paper 'after'"),
    ],
)
def test_a_faulty_row_is_named(inventory, write, change, complaint):
    path = write(
        [
            paper(inventory, "ada", "before", "A", 3) | change,
            paper(inventory, "ada", "after", "A", 3),
        ]
    )
    with pytest.raises(ValueError, match=complaint):
        answers.read(path, inventory)


def test_columns_are_needed(inventory, tmp_path, capsys):
    path = tmp_path / "answers.csv"
    path.write_text("student,1\nada,A\n")
    assert main(["analyse", str(path)]) == 1
    assert "has no column 'when'" in capsys.readouterr().err
    path.write_text("student,when,mark\nada,before,3\n")
    assert main(["analyse", str(path)]) == 1
    assert "no column is a question" in capsys.readouterr().err


def test_one_time_only_is_no_comparison(inventory, write, capsys):
    path = write([paper(inventory, "ada", "before", "A", 3)])
    assert main(["analyse", str(path)]) == 1
    assert "nobody answered both" in capsys.readouterr().err


def test_the_report_says_gain_questions_and_beliefs(inventory, write, capsys):
    path = write(
        [
            paper(inventory, "ada", "before", "A", 5),
            paper(inventory, "ada", "after", "B", 15),
        ]
    )
    assert main(["analyse", str(path), "--beliefs", "3"]) == 0
    out = capsys.readouterr().out
    assert "Right answers: 20% before, 60% after." in out
    assert "Normalized gain (Hake 1998): 0.50 (medium)." in out
    lines = [line for line in out.splitlines() if line.startswith("q")]
    assert len(lines) == 26  # the questions, and the table's head
    assert len([x for x in out.splitlines() if "chapters/" in x]) <= 3
    top = analysis.analyse(inventory, answers.read(path, inventory)).beliefs
    assert top[0][0].says in out
