"""One server and one built site for all tests of the site."""

import pytest

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
