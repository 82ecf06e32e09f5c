"""The stepper and the pictures of tokens, down to a real browser."""

import matplotlib.pyplot as plt
import pytest

from transformer_course.plotting import stepper
from transformer_course.plotting import tokenization as pictures

FRAMES = [f"<p>frame {letter}</p>" for letter in "abcd"]
CAPTIONS = ["first", "second", "third", "<last> & least"]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_markup_escapes_text_and_asks_nobody():
    page = stepper.markup(FRAMES, 'a "label"', captions=CAPTIONS)
    assert "&lt;last&gt; &amp; least" in page
    assert 'aria-label="a &quot;label&quot;"' in page
    assert "http" not in page
    assert all(frame in page for frame in FRAMES)


def test_markup_names_what_does_not_fit():
    with pytest.raises(ValueError, match="frames is empty"):
        stepper.markup([], "none")
    with pytest.raises(ValueError, match="1 entries for 4 frames"):
        stepper.markup(FRAMES, "some", captions=["one"])
    for start in (-1, 4):
        with pytest.raises(ValueError, match=f"start {start} is not from 0"):
            stepper.markup(FRAMES, "some", start=start)


@pytest.fixture
def open_page(tmp_path, browser):
    """Give a function that opens two steppers in one page."""
    contexts = []

    def open_it(**options):
        one = stepper.markup(FRAMES, "one", captions=CAPTIONS)
        two = stepper.markup(
            FRAMES, "two", captions=CAPTIONS, start=1, pause=0.05
        )
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html>{one}{two}", encoding="utf-8")
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(path.as_uri())
        assert not errors
        return page

    yield open_it
    for context in contexts:
        context.close()


def shown(root):
    frames = root.locator(".tc-frame").all()
    return [i for i, frame in enumerate(frames) if frame.is_visible()]


@pytest.mark.site
def test_buttons_slider_and_keys_move_one_stepper_alone(open_page):
    page = open_page()
    one, two = page.locator(".tc-stepper").all()
    assert (shown(one), shown(two)) == ([0], [1])
    two.get_by_role("button", name="Next").click()
    assert (shown(one), shown(two)) == ([0], [2])
    assert two.get_by_role("status").inner_text() == "3 of 4: third"
    two.get_by_role("button", name="Back").click()
    two.get_by_role("slider", name="step").focus()
    page.keyboard.press("End")
    assert shown(two) == [3]
    assert two.get_by_role("slider").get_attribute("aria-valuetext") == (
        "4 of 4: <last> & least"
    )
    # At the end Next stays in reach of the keyboard, and stays at the end.
    two.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    assert (shown(one), shown(two)) == ([0], [3])


@pytest.mark.site
def test_play_runs_to_the_end_and_stops(open_page):
    two = open_page().locator(".tc-stepper").nth(1)
    two.get_by_role("button", name="Play").click()
    two.locator(".tc-frame.tc-now[data-caption^='<last>']").wait_for()
    two.get_by_role("button", name="Play").wait_for()  # no more "Pause"
    assert shown(two) == [3]


@pytest.mark.site
def test_the_buttons_stay_put_and_a_phone_is_wide_enough(open_page):
    page = open_page(viewport={"width": 390, "height": 800})
    one = page.locator(".tc-stepper").first
    button = one.get_by_role("button", name="Next")
    before = button.bounding_box()
    button.click()
    assert button.bounding_box() == before
    assert before["height"] >= 44
    wide = "document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(wide) <= 0


@pytest.mark.site
def test_without_scripts_every_frame_shows(open_page):
    page = open_page(java_script_enabled=False)
    one = page.locator(".tc-stepper").first
    assert shown(one) == [0, 1, 2, 3]
    assert not one.locator(".tc-next").is_visible()


# --- pictures of tokens


def test_chips_escape_light_and_number():
    row = pictures.chips(["<a>", "b"], [7, 11], new={1})
    assert "&lt;a&gt;" in row
    assert row.count("tc-new") == 1
    assert "<small>11</small>" in row
    with pytest.raises(ValueError, match="ids has 1 entries for 2"):
        pictures.chips(["a", "b"], [7])


def test_watch_merges_keeps_the_merges_that_touch(monkeypatch):
    seen = {}

    def keep(frames, label, description, **options):
        seen.update(frames=frames, description=description, **options)

    monkeypatch.setattr(stepper, "show", keep)
    learned = [(("a", "t"), 15), (("x", "y"), 9), (("e", "at"), 13)]
    pictures.watch_merges("eat", learned)
    assert seen["captions"] == [
        "Before the first merge: 3 tokens",
        "Merge 1: a + t, seen 15 times. Now 2 tokens",
        "Merge 3: e + at, seen 13 times. Now 1 token",
    ]
    assert len(seen["frames"]) == 3
    assert seen["description"].endswith(": eat")


def test_cuts_draws_a_box_a_token_and_refuses_other_texts():
    figure = pictures.cuts({"one": ["ab", "c"], "two": ["a", "b", "c"]})
    assert len(figure.axes[0].patches) == 5
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == ["one\n2 tokens", "two\n3 tokens"]
    with pytest.raises(ValueError, match="rows are 2 different texts"):
        pictures.cuts({"one": ["ab"], "two": ["ba"]})


def test_curves_and_bars_show_their_numbers():
    growth = pictures.growth(
        [10, 100], {"x": [1.1, 1.6], "y": [1.0, 1.5]}, ("z", 50, 1.3)
    )
    lines = growth.axes[0].get_lines()
    assert [list(line.get_ydata()) for line in lines] == [
        [1.1, 1.6], [1.0, 1.5], [1.3],
    ]  # fmt: skip
    assert len({line.get_marker() for line in lines}) == 3
    bars = pictures.mistakes({"p": 0.25, "q": 0.5}).axes[0].patches
    assert [bar.get_width() for bar in bars] == [25.0, 50.0]
