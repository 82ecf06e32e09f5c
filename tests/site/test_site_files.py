"""Every page, opened as a file: no server, no network."""

import pytest

from tests.site import visiting

pytestmark = pytest.mark.site


# Highlighted source, a page a module; the list of them stands for all.
SOURCE = "_modules/transformer_course/"


@pytest.fixture(scope="module")
def visits(browser, folder, names):
    tab = visiting.Tab(browser, visiting.DESKTOP, "dark")
    found = [
        tab.note((folder / name).as_uri(), name)
        for name in names
        if not name.startswith(SOURCE)
    ]
    tab.context.close()
    return found


def test_a_page_opened_as_a_file_reads_only_files_that_are_there(visits):
    assert all(len(v.requests) > 5 for v in visits)
    visiting.hold(
        f"{v.name}: {fault}"
        for v in visits
        for fault in v.outside + v.failures
    )


def test_the_console_shows_no_error(visits):
    visiting.hold(f"{v.name}: {e}" for v in visits for e in v.errors)


def test_equations_and_icons_are_drawn(visits):
    visiting.hold(
        f"{v.name}: {v.facts['drawn']} of {v.facts['equations']} equations,"
        f" icons {v.facts['icon_font']}"
        for v in visits
        if v.facts["drawn"] != v.facts["equations"]
        or "loaded" not in v.facts["icon_font"]
    )
    assert sum(v.facts["drawn"] for v in visits) > 0


def test_index_leads_to_the_landing_page(browser, folder):
    tab = visiting.Tab(browser)
    tab.page.goto((folder / "index.html").as_uri())
    tab.page.wait_for_url("**/book/preface.html")
    title = tab.page.locator("article h1").inner_text()
    assert title.startswith("Transformers Step by Step")
    visit = tab.visit
    assert visit.outside == visit.failures == visit.errors == []
    tab.context.close()
