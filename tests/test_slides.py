"""Slides: what becomes one, and that a lecturer can show it."""

import io

import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)
from PIL import Image

from tools import slides
from tools.deck import slide as layout
from tools.deck.blocks import blocks_of
from tools.deck.rules import slides_of
from tools.deck.text import cited, inline, lead, sentences, words

LONG = "Word0 " + " ".join(f"word{n}" for n in range(1, 90)) + "."


def picture(width=1422, height=602):
    """Give a notebook's output that is a picture."""
    import base64

    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    return new_output("display_data", {"image/png": data})


def figure(caption, alt, **size):
    described = {"figure": {"caption": caption}, "image": {"alt": alt}}
    cell = new_code_cell("draw()", metadata={"mystnb": described})
    cell.outputs = [picture(**size)]
    return cell


def printing(source, text, *tags):
    cell = new_code_cell(source, metadata={"tags": list(tags)})
    cell.outputs = [new_output("stream", name="stdout", text=text)]
    return cell


OPENING = """# Self-attention

*What is "it"?*

**You will be able to**

- compute $a < b$ by hand;
- predict.

**Reading:** 30 minutes"""
RECALL = """## Recall

:::{admonition} Question 1
What is 2 + 2?
:::
:::{admonition} Answer
:class: dropdown
Four.
:::"""
PREDICT = f"""## Why divide?

A sum of many terms. It has a wide spread.

{LONG}

:::{{admonition}} Predict
How wide?

(a) 1; (b) 32; (c) 1024.
:::"""
WRONG = """## What people get wrong

**"Attention is similarity."** We measured 22.7. *Rather:* it is learned.

**"The map explains."** No."""
EXERCISE = """## Exercises

:::{exercise} Go asks
:label: ex-05

*Warm-up · 10 minutes · good for the order*

Compute.
:::"""


@pytest.fixture(scope="module")
def chapter():
    """The smallest chapter that has everything."""
    return new_notebook(
        cells=[
            new_markdown_cell(OPENING),
            figure("This chapter.", "boxes", width=783, height=734),
            new_markdown_cell(RECALL),
            new_markdown_cell(PREDICT),
            printing("measure()", "spread = 32\n", "hide-output"),
            figure("Wide.", "two curves that part"),
            new_markdown_cell(f"(b): variances add up. {LONG}"),
            new_markdown_cell("## By hand\n\nOne.\n\nTwo.\n\n$$x = 3$$"),
            new_markdown_cell("## Build it\n\nWith loops."),
            new_code_cell("def build():\n    return 1"),
            new_code_cell(
                "def secret():\n    ...", metadata={"tags": ["no-slide"]}
            ),
            new_markdown_cell(WRONG),
            new_markdown_cell(EXERCISE),
            new_markdown_cell("## Summary\n\n- **One.** Yes.\n- Two."),
            new_markdown_cell("## References\n\n- A book."),
        ]
    )


@pytest.fixture(scope="module")
def made(chapter):
    return slides_of(blocks_of(chapter), lambda png: "images/x.png")


def kinds(made):
    return [slide.kind for slide in made]


def text(slide):
    return slide.title + " ".join(slide.parts)


def test_a_chapter_becomes_slides_in_its_own_order(made):
    assert kinds(made) == [
        "title",
        "goals",
        "figure",
        "recall",
        "recall answered",
        "text",
        "predict",
        "answer",
        "figure",
        "text",
        "text",
        "belief",
        "belief",
        "exercises",
        "summary",
    ]
    assert "What is" in text(made[0])
    assert r"\(a &lt; b\)" in text(made[1])


def test_an_answer_comes_after_its_question_and_before_its_picture(made):
    asked, solved, seen = (made[n] for n in (6, 7, 8))
    assert asked.parts[0].count("<li>") == 3
    assert "32" not in text(asked).replace("(b) 32", "")
    assert "variances add up" in text(solved)
    assert "spread = 32" in text(solved)
    assert "two curves that part" in text(seen)
    recalled, answered = made[3], made[4]
    assert "Four" not in text(recalled)
    assert "Four" in text(answered)


def test_what_is_too_long_is_left_out_and_noted(made):
    opener = made[5]
    assert "wide spread" in text(opener)
    assert all("word50" not in text(slide) for slide in made)
    assert LONG in opener.notes
    assert any(LONG in note for note in made[7].notes)


def test_by_hand_is_kept_whole_and_building_shows_its_code(made):
    assert all(part in text(made[9]) for part in ("One", "Two", "x = 3"))
    assert "build" in text(made[10])
    assert "secret" not in " ".join(map(text, made))


def test_a_belief_is_stated_refuted_and_replaced(made):
    belief = made[11]
    assert belief.title == '"Attention is similarity."'
    assert "22.7" in belief.parts[0]
    assert "It is learned" in belief.parts[1]
    assert "rather" not in made[12].parts[0]


def test_a_cell_tagged_slide_is_kept_in_full():
    cells = [
        new_markdown_cell("# T"),
        new_markdown_cell("## H\n\nFirst."),
        new_markdown_cell("Second one."),
    ]
    (_, plain) = slides_of(blocks_of(new_notebook(cells=cells)), str)
    assert "Second" not in text(plain)
    cells[2].metadata["tags"] = ["slide"]
    (_, kept) = slides_of(blocks_of(new_notebook(cells=cells)), str)
    assert "Second" in text(kept)


@pytest.mark.parametrize(
    ("paragraph", "parts"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("It is $0.5$. Next", ["It is $0.5$.", "Next"]),
        ("See `a. B`. Then.", ["See `a. B`.", "Then."]),
        ("Vaswani et al. Say so.", ["Vaswani et al. Say so."]),
        ("**A. B.** C.", ["**A. B.**", "C."]),
        ('He said "no." Then.', ['He said "no."', "Then."]),
        ("(One. Two.) Three.", ["(One. Two.)", "Three."]),
        ("A [b. C](d.ipynb). E.", ["A [b. C](d.ipynb).", "E."]),
    ],
)
def test_a_paragraph_is_cut_at_its_sentences(paragraph, parts):
    assert sentences(paragraph) == parts
    assert " ".join(parts) == paragraph


def test_a_lead_never_exceeds_its_words():
    paragraph = f"Short one. Another short one. {LONG}"
    assert lead(paragraph, 50) == "Short one. Another short one."
    assert lead(LONG, 50) == ""
    assert words(lead(paragraph, 3)) <= 3


def test_roles_links_and_mathematics_are_rendered():
    assert inline("$x_1$ and $3$ = y") == r"\(x_1\) and \(3\) = y"
    assert 'href="05-self-attention.html"' in inline(
        "[five](../chapters/05-self-attention.ipynb#a)"
    )
    assert inline("{ref}`softmax <sec-00-softmax>`") == "softmax"
    assert "(Vaswani et al., 2017)" in cited(
        "vaswani2017attention", in_brackets=True
    )


def test_a_narrow_picture_stands_beside_its_caption():
    for size, style in (((783, 734), "beside"), ((1422, 602), "above")):
        cell = figure("Says.", "seen", width=size[0], height=size[1])
        (block,) = [
            b
            for b in blocks_of(new_notebook(cells=[cell]))
            if b.kind == "figure"
        ]
        slide = layout.Slide("figure", "T")
        layout.put_figure(slide, block, "x.png")
        assert f'class="{style}"' in slide.parts[0]
        assert 'alt="seen"' in slide.parts[0]


def test_a_changed_chapter_wants_a_new_book(tmp_path, capsys):
    where = ["--built", str(tmp_path), "--out", str(tmp_path / "slides")]
    assert slides.main(where) == 1
    assert "make book" in capsys.readouterr().err


# In a browser

# How far down and to the right a slide's parts reach, in its own pixels.
REACH = """() => {
  const slide = Reveal.getCurrentSlide();
  const origin = slide.getBoundingClientRect();
  let down = 0, right = 0;
  for (const part of slide.querySelectorAll("h1, h2, .content *")) {
    if (part.closest("aside, mjx-assistive-mml")) continue;
    const box = part.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    down = Math.max(down, box.bottom - origin.top);
    right = Math.max(right, box.right - origin.left);
  }
  return [down, right];
}"""
CONTRAST = """() => {
  const light = (of, what) => {
    const colour = getComputedStyle(of)[what].match(/[\\d.]+/g);
    const part = (v) => (v / 255) ** 2.2;
    return 0.2126 * part(colour[0]) + 0.7152 * part(colour[1])
      + 0.0722 * part(colour[2]) + 0.05;
  };
  const [a, b] = [
    light(document.querySelector(".reveal h1"), "color"),
    light(document.body, "backgroundColor"),
  ];
  return Math.max(a, b) / Math.min(a, b);
}"""
# Arrows and slide's text that the number lies over.
COVERED = """() => {
  const number = document.querySelector(".reveal > .slide-number");
  const own = number.getBoundingClientRect();
  const parts = ".controls button, .present :is(h1, h2, .licence, .content *)";
  return [...document.querySelectorAll(parts)].filter((part) => {
    const box = part.getBoundingClientRect();
    return box.width && box.left < own.right && own.left < box.right
      && box.top < own.bottom && own.top < box.bottom;
  }).map((part) => part.className || part.tagName);
}"""
STATE = """() => ({
  total: Reveal.getTotalSlides(),
  unnamed: document.querySelectorAll("img:not([alt]), img[alt='']").length,
  missing: [...document.images].filter((i) => !i.complete).length,
  raw: document.querySelectorAll("mjx-merror").length,
})"""


def look(browser, page_file, **settings):
    """Open a deck; return the page and what it asked of others."""
    page = browser.new_page(
        viewport={"width": 1280, "height": 720}, **settings
    )
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.startswith(("file:", "data:", "blob:"))
            or faults.append(request.url)
        ),
    )
    page.goto(page_file)
    page.wait_for_function("document.documentElement.dataset.ready == 'yes'")
    return page, faults


def overfull(page):
    """Number the slides whose parts leave the slide."""
    found = []
    for number in range(page.evaluate(STATE)["total"]):
        page.evaluate(f"Reveal.slide({number}, 0, 99)")
        down, right = page.evaluate(REACH)
        if down > 700 or right > 1250:
            found.append((number + 1, round(down), round(right)))
    return found


@pytest.fixture(scope="module")
def deck(chapter, tmp_path_factory):
    """The small chapter's page with everything it needs."""
    folder = tmp_path_factory.mktemp("slides")
    slides.write_assets(folder)
    one = slides.make_deck(chapter, "05-small", folder)
    page = slides.templates().get_template("deck.html").render(deck=one)
    (folder / "05-small.html").write_text(page)
    return folder / "05-small.html"


def test_a_deck_needs_no_network_and_fits_its_slides(deck, browser):
    page, faults = look(browser, deck.as_uri())
    state = page.evaluate(STATE)
    assert state == {"total": 15, "unnamed": 0, "missing": 0, "raw": 0}
    assert overfull(page) == []
    assert page.locator("mjx-container").count() >= 2
    assert faults == []
    page.close()


def test_an_overfull_slide_would_be_found(deck, browser):
    page, _ = look(browser, deck.as_uri())
    page.evaluate(
        "document.querySelector('.summary .content').style.fontSize = '400px'"
    )
    assert [number for number, *_ in overfull(page)] == [15]
    page.close()


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (800, 600)])
def test_the_number_lies_over_nothing(deck, browser, size):
    page, _ = look(browser, deck.as_uri())
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for number in range(page.evaluate(STATE)["total"]):
        page.evaluate(f"Reveal.slide({number}, 0, 99)")
        assert page.locator(".reveal > .slide-number").is_visible()
        assert page.evaluate(COVERED) == []
    page.close()


def test_light_and_dark_follow_the_system_and_the_key(deck, browser):
    for scheme, other in (("light", "dark"), ("dark", "light")):
        page, _ = look(browser, deck.as_uri(), color_scheme=scheme)
        theme = "document.documentElement.dataset.theme"
        assert page.evaluate(theme) == scheme
        assert page.evaluate(CONTRAST) > 7
        page.keyboard.press("t")
        assert page.evaluate(theme) == other
        page.close()


def test_the_lecturers_window_has_the_notes(deck, browser):
    page, _ = look(browser, deck.as_uri() + "#/5")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("word50").wait_for()
    page.close()


def test_it_prints_one_page_a_slide(deck, browser, tmp_path):
    page, _ = look(browser, deck.as_uri() + "?print-pdf", color_scheme="dark")
    page.wait_for_selector(".pdf-page")
    page.pdf(
        path=tmp_path / "deck.pdf",
        prefer_css_page_size=True,
        print_background=True,
    )
    data = (tmp_path / "deck.pdf").read_bytes()
    assert data.count(b"/Type /Page\n") == 15
    page.close()


@pytest.mark.site
@pytest.mark.slow
def test_every_chapter_has_slides_that_fit(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("book") / "slides"
    chapters = slides.chapters()
    assert slides.build(chapters, slides.ROOT / "_build", folder) == 0
    trouble = {}
    for path, _ in chapters:
        name = path.stem
        page, faults = look(browser, (folder / f"{name}.html").as_uri())
        state = page.evaluate(STATE)
        found = [*overfull(page), *faults]
        if found or state["raw"] or state["unnamed"] or state["total"] < 12:
            trouble[name] = (state, found)
        page.close()
    assert trouble == {}
