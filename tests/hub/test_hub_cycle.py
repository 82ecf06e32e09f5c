"""A class of two through the browser: release, submit, grade, feedback."""

import json
import re
import time
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.hub import running

HW = "warmup"
PRIVATE = running.ROOT / "coursework" / "private"
SOURCE = PRIVATE / "source" / HW / f"{HW}.ipynb"
PASSWORD = "a password for one test"
SLOW = 120_000  # milliseconds that a page may take on a busy machine
expect.set_options(timeout=SLOW)


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, browser, name):
        self.name = name
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        context.set_default_timeout(SLOW)
        self.page = context.new_page()
        self.main = self.page.locator("#jp-main-dock-panel")

    def log_in(self, address):
        """Log in at grader-service and wait for a JupyterLab of one's own."""
        self.page.goto(address)
        self.page.fill("input[name=username]", self.name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.locator("input[value=Authorize]").click()
        self.page.wait_for_url("**/lab**")
        expect(self.page.locator(".jp-LauncherCard").first).to_be_visible()

    def open(self, card):
        """Open one of grader-service's cards, and the course in it."""
        self.page.locator(".jp-LauncherCard", has_text=card).click()
        self.row("transformers").click()

    def row(self, text):
        """Find a row of the table that is shown."""
        return self.main.locator("tbody tr", has_text=text)

    def button(self, text):
        """Find the button with this writing on it, whatever its label is."""
        writing = re.compile(rf"^\s*{text}\s*$", re.IGNORECASE)
        return self.page.locator("button:visible").filter(has_text=writing)

    def file(self, name):
        """Find a file in grader-service's own list, not a tab of its name."""
        shown = self.main.locator(".lm-DockPanel-widget:visible")
        return shown.get_by_text(name, exact=True)

    def agree(self):
        """Say yes in the dialogue that is open."""
        self.page.locator("[role=dialog]").get_by_role(
            "button", name="Agree", exact=True
        ).click()

    def tab(self, title):
        """Bring a tab to the front."""
        self.main.locator(".lm-TabBar-tab", has_text=title).first.click()

    def upload(self, path):
        """Upload a file to the folder that the file browser shows."""
        bar = self.page.locator(".jp-FileBrowser-toolbar")
        with self.page.expect_file_chooser() as chooser:
            bar.locator("[data-jp-item-name=uploader] jp-button").click()
        there = self.page.locator(".jp-DirListing-item", has_text=path.name)
        known = there.count()
        chooser.value.set_files(path)
        if known:
            self.page.get_by_role("button", name="Overwrite").click()
        expect(there).to_be_visible()
        # The lab opens what it uploads.
        self.main.locator(".lm-TabBar-tab", has_text=path.name).wait_for()


@pytest.fixture
def started(tmp_path):
    """Yield a hub's address and folder."""
    folder = tmp_path / "hub"
    with running.hub(folder, PASSWORD) as address:
        yield address, folder


@pytest.fixture
def people(started, browser, tmp_path):
    """Yield a function that lets somebody log in; show where all ended."""
    address, _ = started
    there = []

    def person(name):
        there.append(Person(browser, name))
        there[-1].log_in(address)
        return there[-1]

    yield person
    for one in there:
        one.page.screenshot(path=tmp_path / f"{one.name}.png")
        one.page.context.close()


def test_a_class_of_two_gets_its_marks_and_what_they_are_for(
    started, people, tmp_path
):
    _, folder = started
    instructor = people("instructor")
    release(instructor)

    ada = people("ada")
    given = fetch(ada, folder)
    nothing_private_in(given)
    right = tmp_path / "ada" / f"{HW}.ipynb"
    hand_in(ada, given, right, lambda text: text)

    ben = people("ben")
    wrong = tmp_path / "ben" / f"{HW}.ipynb"
    hand_in(ben, fetch(ben, folder), wrong, wrong_and_nosy)

    graded(instructor, "ada", "ben")
    by_hand(instructor, "ada", points=1, comment="Well seen.")
    give_feedback(instructor, "ada", "ben")

    assert "10.0 / 10.0" in read_feedback(ada)
    page = read_feedback(ben)
    assert "8.5 / 10.0" in page
    assert "You divide by all days" in page
    assert "answers in reach: False" in page
    assert "Well seen." not in page


def release(instructor):
    """Make the assignment, push its source, release it."""
    page = instructor.page
    instructor.open("Course Management")
    page.get_by_label("Create New Assignment").click()
    page.get_by_label("Assignment Name").fill(HW)
    instructor.button("Create").click()
    instructor.row(HW).click()
    page.get_by_role("tab", name="Files").click()
    instructor.button("Push Changes").wait_for()
    instructor.upload(SOURCE)
    instructor.tab("Course Management")
    instructor.button("Push Changes").click()
    page.get_by_label("Commit Message").fill("source")
    instructor.button("Commit").click()
    expect(instructor.main.get_by_text("Up To Date")).to_be_visible()
    page.get_by_role("tab", name="Overview").click()
    instructor.button("Release").click()
    instructor.agree()
    page.get_by_label("Commit Message").fill("release")
    instructor.button("Commit and Release").click()
    expect(instructor.button("Undo Release").first).to_be_visible()


def fetch(student, folder):
    """Fetch the assignment as a student; return the fetched file."""
    assert student.page.get_by_text("Course Management").count() == 0
    student.open("Assignments")
    student.row(HW).click()
    student.button("Fetch").click()
    expect(student.button("Submit")).to_be_enabled()
    home = folder / "homes" / student.name
    (path,) = (home / "lectures").glob(f"**/assignments/1/{HW}.ipynb")
    return path


def nothing_private_in(path):
    text = path.read_text()
    assert "YOUR CODE HERE" in text
    assert "SOLUTION" not in text
    assert "clamp(min=1)" not in text
    assert not any(c.get("outputs") for c in json.loads(text)["cells"])


def wrong_and_nosy(text):
    """Make a known mistake, and look for the answers."""
    if text.startswith("STUDENT ="):
        looks = f"__import__('os').path.exists({str(PRIVATE)!r})"
        text += f"\nprint('answers in reach:', {looks})"
    return text.replace("meal_days.clamp(min=1)", "ledger.shape[0]")


def hand_in(student, given, path, edit):
    """Upload a finished notebook over the fetched one and submit it."""
    path.parent.mkdir()
    path.write_text(running.solved(given, SOURCE, student.name, edit))
    student.upload(path)
    student.tab("Assignments")
    student.button("Submit").click()
    student.agree()
    expect(student.main.get_by_text("Restore")).to_be_visible()


def submissions(instructor):
    """Show the table of submissions, as it is now."""
    instructor.page.get_by_role("tab", name="Submissions").click()
    back = instructor.page.get_by_role("link", name="Back")
    if back.count():
        back.click()
    instructor.page.locator("button[aria-label=reload]:visible").click()


def becomes(instructor, student, status):
    """Wait until a student's submission has a status."""
    until = time.monotonic() + 300
    submissions(instructor)
    row = instructor.row(student)
    while time.monotonic() < until:
        if row.count() and re.search(status, row.inner_text()):
            return
        instructor.page.wait_for_timeout(2000)
        instructor.page.locator("button[aria-label=reload]:visible").click()
    raise AssertionError(f"{student} is not {status}: {row.inner_text()}")


def graded(instructor, *students):
    """Wait until grader-service and our engine have graded all."""
    for student in students:
        becomes(instructor, student, "Automatically Graded")


def by_hand(instructor, student, points, comment):
    """Give the points of the written answer."""
    page = instructor.page
    instructor.row(student).get_by_text(student, exact=True).click()
    instructor.button("Pull Submission").click()
    instructor.file(f"{HW}.ipynb").click()
    mode = page.locator("text=Grading Mode >> visible=true").locator("..")
    switch = mode.locator("input, [role=switch]").first
    said = page.locator(".jp-Notebook:visible textarea[placeholder=Comment]")
    switch.wait_for(state="attached")
    # While the notebook still opens, a click leads to nothing.
    for _ in range(20):
        if not switch.is_checked():
            switch.click(force=True)
        with suppress(TimeoutError):
            said.last.wait_for(timeout=5000)
            break
    said.last.fill(comment)
    # Two numbers stand at each cell: points, and extra credit.
    numbers = page.locator(".jp-Notebook:visible input[type=number]")
    numbers.nth(numbers.count() - 2).fill(str(points))
    numbers.nth(numbers.count() - 2).press("Tab")
    with page.expect_response(lambda r: "properties" in r.url):
        page.get_by_role("button", name="Save", exact=True).last.click()
    instructor.tab("Course Management")
    instructor.button("Finish Manual Grading").click()
    instructor.agree()
    expect(instructor.main.get_by_text("Manually Graded")).to_be_visible()


def give_feedback(instructor, *students):
    """Generate the feedback of all."""
    submissions(instructor)
    for student in students:
        instructor.row(student).locator("input[type=checkbox]").check()
    instructor.button("Generate Feedback").click()
    instructor.agree()
    for student in students:
        becomes(instructor, student, r"(?<!Not )Generated")


def read_feedback(student):
    """Pull the feedback and read the page, as a student would."""
    student.page.reload()
    student.row(HW).click()
    student.button("Open Feedback").click()
    student.button("Pull Feedback").click()
    student.file(f"{HW}.html").click()
    frame = student.page.frame_locator("iframe").locator("body")
    expect(frame).to_contain_text("Score")
    return frame.inner_text()
