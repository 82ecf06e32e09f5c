"""The Chromium-family browser that the tests drive."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find() -> str:
    """Give the browser's path; tools/browser.sh looks in the same places."""
    named = os.environ.get("CHROME_PATH")
    found = [
        shutil.which(name)
        for name in ("chromium", "chromium-browser", "google-chrome")
    ]
    for path in (named, *found, MAC):
        if path and Path(path).exists():
            return path
    raise RuntimeError("no browser: run `make browser`, or set CHROME_PATH")


def launch(playwright: Playwright) -> Browser:
    """Start the browser headless; close it when done with it."""
    return playwright.chromium.launch(executable_path=find(), args=FLAGS)
