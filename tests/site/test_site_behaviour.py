"""What a reader does: search, switch colours, open what is shut."""

import pytest

from tests.site import visiting

pytestmark = pytest.mark.site

LANDING = "book/preface.html"


@pytest.fixture(scope="module", params=["http", "file"])
def home(request, address, folder):
    """Give the site's address, once on a server, once as files."""
    return address if request.param == "http" else folder.as_uri() + "/"


def search_hits(browser, url):
    with visiting.opened(browser, url) as (page, visit):
        page.wait_for_function(
            "document.querySelector('#search-results .search-summary')"
            "?.innerText.length > 25"
        )
        page.wait_for_timeout(200)
        links = page.eval_on_selector_all(
            "#search-results li a", "found => found.map(a => a.href)"
        )
        assert visit.errors == visit.failures == visit.outside == []
        return links


def test_search_finds_a_word_of_the_pages(browser, home):
    links = search_hits(browser, f"{home}search.html?q=twin")
    assert any("book/how-to-use.html" in link for link in links)


def test_search_finds_nothing_for_a_word_that_is_nowhere(browser, home):
    assert search_hits(browser, f"{home}search.html?q=qzxvkjw") == []


def test_search_starts_from_the_keyboard(browser, home):
    with visiting.opened(browser, home + LANDING) as (page, visit):
        page.keyboard.press("Control+k")
        box = page.locator("#pst-search-dialog input")
        box.fill("attention")
        box.press("Enter")
        page.wait_for_url("**/search.html?q=attention*")
        link = page.locator("#search-results li a").first
        link.wait_for()
        page.wait_for_load_state("networkidle")
        link.click()
        page.wait_for_selector("article h1")
        assert "search.html" not in page.url
        assert visit.errors == visit.failures == []


def test_the_colour_button_switches_and_the_choice_lasts(browser, home):
    def colours(page):
        return page.evaluate(
            "[document.documentElement.dataset.theme,"
            " getComputedStyle(document.body).backgroundColor]"
        )

    with visiting.opened(browser, home + LANDING) as (page, visit):
        seen = [colours(page)]
        for _ in range(3):
            page.locator(".theme-switch-button:visible").click()
            seen.append(colours(page))
            if seen[-1][0] == "dark":
                break
        assert seen[0][0] == "light"
        assert seen[-1][0] == "dark"
        assert seen[0][1] != seen[-1][1]
        page.reload()
        visiting.settle(page)
        assert colours(page) == seen[-1]
        assert visit.errors == []


def page_with(folder, names, text):
    """Find a chapter that has what the test needs."""
    for name in names:
        if name.startswith("chapters/") and text in (folder / name).read_text(
            encoding="utf-8"
        ):
            return name
    raise AssertionError(f"no chapter has {text!r}")


def test_a_hidden_output_opens_on_click(browser, home, folder, names):
    name = page_with(folder, names, 'hide below-input"')
    with visiting.opened(browser, home + name) as (page, visit):
        cell = page.locator("details.hide.below-input").first
        output = cell.locator(".output").first
        assert not output.is_visible()
        cell.locator("summary").click()
        assert output.is_visible()
        assert output.inner_text().strip() or output.locator("img").count()
        assert visit.errors == []


def test_a_closed_box_opens_on_click(browser, home, folder, names):
    name = page_with(folder, names, "dropdown admonition")
    with visiting.opened(browser, home + name) as (page, visit):
        box = page.locator(".admonition.dropdown").first
        inside = box.locator("p:not(.admonition-title)").first
        assert not inside.is_visible()
        box.locator("button.toggle-button").click()
        assert inside.is_visible()
        assert visit.errors == []


def test_the_contents_open_on_a_phone(browser, home):
    with visiting.opened(browser, home + LANDING, size=visiting.PHONE) as (
        page,
        visit,
    ):
        link = page.locator(".bd-links a", has_text="Corrections")
        assert not link.is_visible()
        page.locator(".primary-toggle:visible").click()
        link.click()
        page.wait_for_url("**/corrections.html")
        assert visit.errors == []
