"""The parts that every chapter has: opening, recall, beliefs, the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.deck.blocks import Block
from tools.deck.slide import LINE, Slide, text_height
from tools.deck.text import html_of, inline, lead, sentences, words

MINUTES = re.compile(r"^\*([^*]+ · [^*]+)\*$", re.MULTILINE)
BELIEF = re.compile(r"^(?:- )?\*{1,2}(.+?)\*{1,2}\s+(.*)$", re.DOTALL)
RATHER = re.compile(r"\*Rather:\*\s*")


def opening(blocks: list[Block]) -> Iterator[Slide]:
    """Show the title with the question, then what one will be able to do."""
    title, *rest = blocks
    first = Slide("title", title.text)
    goals = Slide("goals", "You will be able to")
    for block in rest:
        if block.kind == "list":
            goals.add(html_of(block.text), 0)
        elif (
            block.kind == "paragraph"
            and block.text.startswith("*")
            and (not block.text.startswith("**"))
        ):
            first.add(f'<p class="question">{inline(block.text)}</p>', 0)
        elif block.kind == "paragraph":
            first.notes.append(block.text)
    yield first
    if goals.parts:
        yield goals


def recall(blocks: list[Block]) -> Iterator[Slide]:
    """Ask each question of the recall on one slide, answer it on the next."""
    asked: Slide | None = None
    for block in blocks:
        if block.kind != "box":
            continue
        if block.title.startswith("Question"):
            asked = Slide("recall", "Do you remember?")
            asked.add(html_of(block.text), text_height(block.text))
            yield asked
            continue
        question = asked.parts[0] if asked else ""
        if not block.title.startswith("Answer"):  # the title is the question
            question = (
                f"<p>{inline(re.sub(r'^[0-9]+[.] ', '', block.title))}</p>"
            )
            yield Slide("recall", "Do you remember?", [question])
        answer = Slide("recall answered", "Do you remember?", [question])
        said = lead(block.text.split("\n\n")[0], 70, 5)
        answer.add(f'<div class="reply">{html_of(said)}</div>', 0)
        answer.notes.append(block.text)
        yield answer
        asked = None


def beliefs(blocks: list[Block]) -> Iterator[Slide]:
    """Give each belief a slide: the belief, what we measured, what holds."""
    for block in blocks:
        items = [block.text]
        if block.kind == "list":
            items = re.split(r"\n(?=- )", block.text)
        elif block.kind != "paragraph":
            continue
        for item in items:
            match = BELIEF.match(" ".join(item.split()))
            if match:
                yield _belief(match[1], match[2], item)


def _belief(said: str, reply: str, whole: str) -> Slide:
    slide = Slide("belief", said, over="What people get wrong", notes=[whole])
    refuted, *rather = RATHER.split(reply)
    measured = lead(refuted, 55)
    if measured:
        slide.add(f'<p class="fragment">{inline(measured)}</p>', 0)
    if rather and words(rather[0]) <= 55:
        holds = rather[0][:1].upper() + rather[0][1:]
        slide.add(f'<p class="rather fragment">{inline(holds)}</p>', 0)
    return slide


def exercises(blocks: list[Block]) -> Iterator[Slide]:
    """List the exercises with what each asks of a learner's time."""
    rows = []
    for block in blocks:
        found = MINUTES.search(block.text)
        if block.name == "exercise" and found:
            level, time, *good = found[1].split(" · ")
            use = good[0] if good else ""
            cells = (inline(block.title), level, time, inline(use))
            row = "".join(f"<td>{cell}</td>" for cell in cells)
            rows.append(f"<tr>{row}</tr>")
    if rows:
        table = (
            f'<table class="exercises"><tbody>{"".join(rows)}</tbody></table>'
        )
        yield Slide("exercises", "Exercises", [table])


def summary(blocks: list[Block]) -> Iterator[Slide]:
    """Repeat the summary, each point as far as a slide has room for it."""
    for block in blocks:
        if block.kind != "list":
            continue
        items = [
            re.sub(r"^(?:[-*]|\d+\.) +", "", item)
            for item in re.split(r"\n(?=[-*] |\d+\. )", block.text)
        ]
        slide = Slide("summary", "Summary", notes=[block.text])
        for item in items:
            kept = item if words(item) <= 40 else lead(item, 40)
            if not kept:
                kept = sentences(item)[0]
            room = text_height(kept, 84) - LINE // 4
            if not slide.fits(room):
                yield slide
                slide = Slide("summary", "Summary")
            slide.add(f'<p class="point">{inline(kept)}</p>', room)
        yield slide
