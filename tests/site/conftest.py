"""One browser, one server and one built site for all tests of the site."""

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import launch
from tests.site import visiting


@pytest.fixture(scope="session")
def folder():
    return visiting.site_folder()


@pytest.fixture(scope="session")
def names(folder):
    return visiting.page_names(folder)


@pytest.fixture(scope="session")
def address(folder):
    with visiting.served(folder) as url:
        yield url


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright, launch(playwright) as found:
        yield found
