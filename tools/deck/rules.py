"""What becomes a slide, by rule: blocks of a chapter in, slides out.

A slide has one to three sentences. What is longer is left out, not set in
smaller type: the notes carry it whole.

- Title and question; objectives; each recall question, then its answer.
- Each heading: the first sentences under it, and the formulas, short lists,
  short tables and paragraphs with a bold opening that follow.
- "By hand": everything, for it is worked out on the board.
- "Build it": the first two short cells that define something, and the first
  under each smaller heading.
- Each picture with its caption, a slide each.
- Each "predict" box, then the answer with what the cell printed.
- Each belief of "What people get wrong", exercises, summary.

A cell's tag "slide" keeps it in full, "no-slide" leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tools.deck import frames, slide
from tools.deck.blocks import Block
from tools.deck.slide import Slide
from tools.deck.text import html_of, inline, lead, sentences, words

FRAMES: dict[str, Callable[[list[Block]], Iterator[Slide]]] = {
    "Recall": frames.recall,
    "What people get wrong": frames.beliefs,
    "Exercises": frames.exercises,
    "Summary": frames.summary,
}
OPENS_BOLD = re.compile(r"^\*\*[^*]+\*\*")
CHOICE = re.compile(r"(?:^|[;,.]?\s+)(?=\([a-e]\)\s)")
ANSWER = re.compile(r"^(?:(?:It is|That is) )?\*{0,2}\(?[A-Ea-e][).]")
UNFIT = {"hide-input", "experiment", "exercise", "remove-input"}
DEFINES = re.compile(r"^(?:class|def) ", re.MULTILINE)
CODE_CELLS = 2  # of a section that builds something
CODE_LINES = 16
PRINTED_LINES = 8
PRINTED_WIDTH = 84


def slides_of(
    blocks: list[Block], save: Callable[[bytes], str]
) -> list[Slide]:
    """Make the slides of a chapter.

    Args:
        blocks: The chapter, taken apart.
        save: Keeps a picture and returns its address from the page.

    Returns:
        The slides in the order of the chapter.
    """
    made: list[Slide] = []
    chapter_part = ""  # the heading of level 2 that the blocks are under
    for heading, inside in _sections(blocks):
        if heading.level == 2:
            chapter_part = heading.text
        frame = next(
            (FRAMES[key] for key in FRAMES if heading.text.startswith(key)),
            None,
        )
        if heading.level == 1:
            prose = [b for b in inside if b.kind in ("paragraph", "list")]
            made += frames.opening([heading, *prose])
            rest = [block for block in inside if block not in prose]
            made += Section("Where we are", save).slides(rest)
        elif frame is not None:
            made += frame(inside)
        elif not heading.text.startswith("References"):
            section = Section(heading.text, save)
            if heading.level > 2 and chapter_part.startswith("Build it"):
                section.code_left = 1
            made += section.slides(inside)
    return made


def _sections(
    blocks: Iterable[Block],
) -> Iterator[tuple[Block, list[Block]]]:
    """Divide a chapter at its headings."""
    heading: Block | None = None
    inside: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            if heading is not None:
                yield heading, inside
            heading, inside = block, []
        elif heading is not None:
            inside.append(block)
    if heading is not None:
        yield heading, inside


class Section:
    """The slides of what stands under one heading."""

    def __init__(self, title: str, save: Callable[[bytes], str]) -> None:
        self.title, self.save = title, save
        self.made: list[Slide] = []
        self.worked = title.startswith("By hand")
        self.code_left = CODE_CELLS if title.startswith("Build it") else 0
        self.asked = False  # a question whose answer is still to come
        self.printed: list[str] = []  # since then
        self.held: list[Slide] = []  # pictures since then
        self.opened = False

    def slides(self, blocks: list[Block]) -> list[Slide]:
        """Turn the section's blocks into slides."""
        for number, block in enumerate(blocks):
            if block.kind == "paragraph":
                left = [b.text for b in blocks[number:]]
                self.paragraph(block, left)
            elif block.kind == "box":
                self.box(block)
            elif block.kind in ("figure", "widget"):
                self.picture(block)
            elif block.kind in ("code", "output"):
                self.cell(block)
            else:
                self.shown(block)
        self.settle("")
        for made in self.made:
            made.parts[-1:] = [_closed(part) for part in made.parts[-1:]]
        return [made for made in self.made if made.parts]

    def slide(self, kind: str, room: int) -> Slide:
        """Return the slide at hand if there is room, else a new one."""
        last = self.made[-1] if self.made else None
        if last is None or last.kind != kind or not last.fits(room):
            self.made.append(Slide(kind, self.title))
        return self.made[-1]

    def note(self, text: str) -> None:
        """Put what is not shown into the notes of the slide at hand."""
        if not self.made:
            self.made.append(Slide("text", self.title))
        self.made[-1].notes.append(text)

    def paragraph(self, block: Block, possible_answers: list[str]) -> None:
        """Show the sentences of a paragraph that carry it, or note it."""
        text = block.text
        if self.asked:
            answers = [t for t in possible_answers if ANSWER.match(t)]
            if not answers or text == answers[0]:
                self.settle(text)
                return
            self.note(text)
            return
        keep = self.worked or "slide" in block.tags
        first, self.opened = not self.opened, True
        if keep:
            kept = text if words(text) <= 70 else lead(text, 55)
        elif first:
            kept = lead(text, 50)
        else:
            bold = OPENS_BOLD.match(text)
            kept = lead(text, 40, 2) if bold else ""
            if bold and kept == bold[0]:  # a title without its sentence
                kept = ""
        if kept:
            room = slide.text_height(kept)
            self.slide("text", room).add(f"<p>{inline(kept)}</p>", room)
        if kept != text:
            self.note(text)

    def shown(self, block: Block) -> None:
        """Show a formula, list or table that fits a slide."""
        room = slide.height(block)
        fits = room <= slide.ROOM and words(block.text) <= 110
        if fits:
            at_hand = self.slide("text", room)
            at_hand.add(html_of(block.text), room)
        else:
            self.note(block.text)

    def box(self, block: Block) -> None:
        """Ask what will come out; everything else is for the notes."""
        if block.title.startswith("Predict"):
            self.settle("")
            asked = Slide("predict", self.title, over="Predict")
            asked.add(_choices(block.text), 0)
            self.made.append(asked)
            self.asked = True
        else:
            self.note(f"**{block.title}.**\n\n{block.text}")

    def settle(self, answer: str) -> None:
        """Answer the open question, then show the pictures that waited."""
        if self.asked and (answer or self.printed or self.held):
            solved = Slide("answer", self.title, over="Answer")
            said = _without_colon(lead(answer, 60)) or sentences(answer)[0]
            if said:
                solved.add(f"<p>{inline(said)}</p>", slide.text_height(said))
            for printed in self.printed[:2]:
                lines = printed.count("\n") + 1
                room = slide.CODE_LINE * lines + 50
                if solved.fits(room):
                    solved.add(slide.output_html(printed), room)
            if answer and answer != said:
                solved.notes.append(answer)
            if solved.parts:
                self.made.append(solved)
            self.opened = True
        self.asked, self.printed = False, []
        self.made += self.held
        self.held = []

    def picture(self, block: Block) -> None:
        """Give a picture a slide, with the few lines that lead to it.

        After a question it waits for the answer.
        """
        made = self.beneath(block.kind)
        if block.kind == "widget":
            made.add(f'<div class="moving">{block.text}</div>', made.room)
            made.notes.append(block.title)
        else:
            slide.put_figure(made, block, self.save(block.png))
            made.notes.append(block.text)
        (self.held if self.asked else self.made).append(made)

    def beneath(self, kind: str) -> Slide:
        """Take the slide at hand for a picture if it has little text."""
        last = self.made[-1] if self.made and not self.asked else None
        short = last is not None and last.used <= slide.ABOVE_A_PICTURE
        if last is None or last.kind != "text" or not short:
            return Slide(kind, self.title)
        self.made.pop()
        last.kind = kind
        return last

    def print(self, block: Block) -> None:
        """Keep what settles a question; show what a colon leads to."""
        if self.asked:
            self.printed.append(block.text)
        elif self.made and self.made[-1].kind == "text":
            room, last = slide.height(block), self.made[-1]
            leads = bool(last.parts) and last.parts[-1].endswith(":</p>")
            if leads and last.fits(room):
                last.add(slide.output_html(block.text), room)

    def cell(self, block: Block) -> None:
        """Show what settles a question, and the code that builds."""
        lines = block.text.splitlines()
        if block.kind == "output":
            wide = max(map(len, lines))
            if len(lines) <= PRINTED_LINES and wide <= PRINTED_WIDTH:
                self.print(block)
            return
        wanted = "slide" in block.tags or (
            self.code_left > 0
            and len(lines) <= CODE_LINES
            and DEFINES.search(block.text) is not None
        )
        if wanted and not self.asked and not block.tags & UNFIT:
            self.code_left -= 1
            room = slide.height(block)
            self.slide("text", room).add(slide.code_html(block.text), room)


def _without_colon(text: str) -> str:
    """Leave out a last sentence that only leads to what follows."""
    parts = sentences(text)
    return " ".join(parts[:-1]) if text.endswith(":") and parts[1:] else text


def _closed(part: str) -> str:
    """End a sentence whose colon leads to nothing on the slide."""
    return re.sub(r":</p>$", ".</p>", part)


def _choices(text: str) -> str:
    """Render a question; its choices, if in one line, become a list."""
    paragraphs = text.split("\n\n")
    last = " ".join(paragraphs[-1].split())
    parts = [part.strip() for part in CHOICE.split(last) if part.strip()]
    if len(parts) < 2 or paragraphs[-1].lstrip().startswith(("-", "1.")):
        return html_of(text)
    asked = [] if parts[0].startswith("(a)") else [parts.pop(0)]
    items = "".join(f"<li>{inline(part)}</li>" for part in parts)
    before = html_of("\n\n".join([*paragraphs[:-1], *asked]))
    return f'{before}<ul class="choices">{items}</ul>'
