"""What every test shares: one thread, no progress bars, no screen."""

import os

import matplotlib as mpl
import pytest
from playwright.sync_api import sync_playwright

from tests.browser import launch
from transformer_course.plotting import style

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
# Not MPLBACKEND: the notebooks' kernels would inherit it, and draw nothing.
mpl.use("agg")


@pytest.fixture(autouse=True)
def _book_style():
    """Draw in the book's style, whichever test came before."""
    with mpl.rc_context():
        style.use()
        yield


@pytest.fixture(scope="session")
def browser():
    """Start one browser for all tests of a process: two cannot coexist."""
    with sync_playwright() as playwright, launch(playwright) as found:
        yield found
