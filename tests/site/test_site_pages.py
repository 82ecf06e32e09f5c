"""Every page, over http: on a phone in the dark, on a desktop in the light."""

import re
from itertools import pairwise

import pytest
from fontTools.ttLib import TTFont

from tests.site import visiting

pytestmark = pytest.mark.site

FILE_NAME = re.compile(r"[\w./-]+\.(png|svg|jpe?g|webp)", re.IGNORECASE)
# Highlighted source, a page a module: looked at once, on a phone.
SOURCE = "_modules/transformer_course/"
WAYS = {
    "phone, dark": (visiting.PHONE, "dark"),
    "desktop, light": (visiting.DESKTOP, "light"),
}


@pytest.fixture(scope="module")
def visits(browser, address, names):
    """Visit every page, once for each way of looking at it."""
    found = []
    for way, (size, scheme) in WAYS.items():
        tab = visiting.Tab(browser, size, scheme)
        for name in names:
            source = name.startswith(SOURCE)
            if source and size is not visiting.PHONE:
                continue
            title = f"{name} ({way})"
            found.append(tab.note(address + name, title, axe=not source))
        tab.context.close()
    return found


def hold(visits, find):
    """Fail where ``find`` finds a fault in a visit, and name the page."""
    visiting.hold(f"{v.name}: {fault}" for v in visits for fault in find(v))


def test_every_page_is_visited_and_asks_no_other_host(visits, names):
    n_source = sum(name.startswith(SOURCE) for name in names)
    assert len(visits) == 2 * len(names) - n_source
    assert all(len(v.requests) > 5 for v in visits)
    hold(visits, lambda v: v.outside)


def test_no_request_fails(visits):
    hold(visits, lambda v: v.failures)


def test_the_console_shows_no_error(visits):
    hold(visits, lambda v: v.errors)


def test_no_page_scrolls_sideways(visits):
    def find(visit):
        if visit.facts["overflow"] > 1:
            yield f"wider than the screen by {visit.facts['overflow']} px"

    hold(visits, find)


def test_every_page_has_a_title_and_a_language(visits):
    def find(visit):
        for key in ("title", "language"):
            if not visit.facts[key].strip():
                yield f"no {key}"

    hold(visits, find)


def test_every_image_is_there_and_keeps_its_proportions(visits):
    def find(visit):
        for image in visit.facts["images"]:
            if not image["loaded"]:
                yield f"{image['source']} is missing"
            elif abs(image["stretched"] - 1) > 0.03:
                yield f"{image['source']} stretched {image['stretched']:.2f}"

    assert any(v.facts["images"] for v in visits)
    hold(visits, find)


def test_every_image_says_what_it_shows(visits):
    def find(visit):
        for image in visit.facts["images"]:
            alt = image["alt"]
            if len(alt) < 15 or FILE_NAME.fullmatch(alt):
                yield f"{image['source']} has alt text {alt!r}"

    hold(visits, find)


def test_headings_start_at_one_and_skip_no_level(visits):
    def find(visit):
        levels = visit.facts["levels"]
        if [level for level, _ in levels].count(1) != 1:
            yield f"not one h1: {levels[:4]}"
        for (above, _), (level, text) in pairwise(levels):
            if level > above + 1:
                yield f"h{level} {text!r} stands under h{above}"

    hold(visits, find)


def test_every_equation_is_drawn_and_legible(visits):
    def find(visit):
        facts = visit.facts
        if facts["drawn"] != facts["equations"]:
            yield f"{facts['drawn']} of {facts['equations']} are drawn"
        yield from facts["misprints"]
        yield from (f"{text!r} is too pale" for text in facts["pale"])

    assert sum(v.facts["equations"] for v in visits) > 0
    hold(visits, find)


def test_only_pages_with_equations_load_mathjax(visits):
    def find(visit):
        loaded = any("/mathjax/" in url for url in visit.requests)
        if loaded != bool(visit.facts["equations"]):
            yield f"{visit.facts['equations']} equations, loaded: {loaded}"

    hold(visits, find)


def test_every_icon_is_in_the_small_font(visits, folder):
    with TTFont(folder / "_static/icons/course-icons.woff") as font:
        known = {f"{code:x}" for code in font.getBestCmap()}

    def find(visit):
        for icon in visit.facts["icons"]:
            code, family = icon.split(" ", 1)
            if "Course Icons" not in family or code not in known:
                yield f"icon {code} in {family}"
        for url in visit.requests:
            if "fontawesome" in url:
                yield f"loads {url}"
        if "loaded" not in visit.facts["icon_font"]:
            yield f"the font is {visit.facts['icon_font']}"

    assert any(v.facts["icons"] for v in visits)
    hold(visits, find)


def test_axe_finds_nothing(visits):
    hold(visits, lambda v: v.violations)
