"""The commands: ``python -m coursework.inventory --help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from coursework.inventory import (
    analysis,
    answers,
    blackboard,
    forms,
    moodle,
    qti,
    questions,
    quizzes,
    sheets,
)
from coursework.inventory.report import report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: What stands behind the program's name.

    Returns:
        0, or 1 with the reason on stderr.
    """
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m coursework.inventory", description=__doc__
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, does: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=does, description=does)
        sub.set_defaults(run=run)
        sub.add_argument(
            "--private",
            type=Path,
            default=questions.PRIVATE,
            help="folder with the sources, where you keep it elsewhere",
        )
        return sub

    for name, run, does in (
        ("qti", _qti, "write the inventory as QTI 1.2 content package"),
        ("moodle", _moodle, "write the inventory as Moodle XML"),
        ("blackboard", _blackboard, "write what Blackboard's upload reads"),
        ("paper", _paper, "write the inventory and its key for printing"),
    ):
        sub = command(name, run, does)
        sub.add_argument("out", type=Path, metavar="OUT")
        sub.add_argument("--form", choices=forms.FORMS, default="A")
    sub = command("analyse", _analyse, "compare before and after")
    sub.add_argument("csv", type=Path, metavar="ANSWERS.csv")
    sub.add_argument("--beliefs", type=int, default=10, metavar="N")
    sub = command("quiz", _quiz, "write a page a student, and the key")
    sub.add_argument("homework", metavar="HW")
    sub.add_argument("students", type=Path, metavar="STUDENTS.txt")
    sub.add_argument("out", type=Path, metavar="OUT/")
    return parser


def _form(chosen: argparse.Namespace) -> forms.Form:
    source = chosen.private / questions.SOURCE.name
    return forms.build(questions.load(source), chosen.form)


def _qti(chosen: argparse.Namespace) -> None:
    qti.write(_form(chosen), chosen.out)
    print(f"form {chosen.form}: {chosen.out}")


def _moodle(chosen: argparse.Namespace) -> None:
    moodle.write(_form(chosen), chosen.out)
    print(f"form {chosen.form}: {chosen.out}")


def _blackboard(chosen: argparse.Namespace) -> None:
    blackboard.write(_form(chosen), chosen.out)
    print(f"form {chosen.form}: {chosen.out}")


def _paper(chosen: argparse.Namespace) -> None:
    form = _form(chosen)
    key = chosen.out.with_name(f"{chosen.out.stem}-key{chosen.out.suffix}")
    chosen.out.write_text(sheets.inventory_paper(form), "utf-8")
    key.write_text(sheets.inventory_key(form), "utf-8")
    print(f"form {chosen.form}: {chosen.out}, key: {key}")


def _analyse(chosen: argparse.Namespace) -> None:
    inventory = questions.load(chosen.private / questions.SOURCE.name)
    papers = answers.read(chosen.csv, inventory)
    results = analysis.analyse(inventory, papers)
    print(report(results, chosen.beliefs), end="")


def _quiz(chosen: argparse.Namespace) -> None:
    quiz = quizzes.load(chosen.homework, chosen.private / "quizzes")
    students = quizzes.read_students(chosen.students)
    filled = [quizzes.fill(quiz, student) for student in students]
    pages = chosen.out / "pages"
    pages.mkdir(parents=True, exist_ok=True)
    for sheet in filled:
        page = pages / f"{sheet.student}.html"
        page.write_text(sheets.quiz_papers([sheet]), "utf-8")
    everyone = chosen.out / "print.html"
    everyone.write_text(sheets.quiz_papers(filled), "utf-8")
    key = chosen.out / "key.html"
    key.write_text(sheets.quiz_key(filled), "utf-8")
    print(
        f"{len(filled)} pages in {pages}; all of them to print: {everyone}; "
        f"key: {key}"
    )


if __name__ == "__main__":
    sys.exit(main())
