"""Open every page of the built site as a reader would; note what happens."""

import functools
import gzip
import http.server
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
NOT_PAGES = {"_static", "_sources"}

# What a picture cannot say, read from the page in one go.
FACTS = r"""() => {
  const all = (css, within) => [...(within || document).querySelectorAll(css)];
  const article = document.querySelector("article")
    || document.createElement("article");
  const shown = (e) => e.getClientRects().length > 0;
  const rgb = (text) => text.match(/[\d.]+/g).map(Number);
  const light = (c) => {
    const f = (v) => (v /= 255) <= 0.03928 ? v / 12.92
      : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]);
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const contrast = (e) => {
    const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const equations = all("span.math, div.math", article);
  const icons = new Set();
  all("*").forEach((e) => ["::before", "::after"].forEach((part) => {
    const style = getComputedStyle(e, part);
    for (const c of style.content) {
      const code = c.codePointAt(0);
      if (code >= 0xe000 && code <= 0xf8ff) {
        icons.add(code.toString(16) + " " + style.fontFamily);
      }
    }
  }));
  const levels = all("main h1, main h2, main h3, main h4, main h5, main h6")
    .filter((h) => !h.closest(".onlyprint, #jb-print-docs-body"))
    .map((h) => [Number(h.tagName[1]), h.textContent.trim().slice(0, 40)]);
  return {
    title: document.title,
    language: document.documentElement.lang,
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    images: all("img", article).map((i) => ({
      alt: i.alt.trim(), source: i.getAttribute("src"),
      loaded: i.complete && i.naturalWidth > 0,
      stretched: i.clientWidth && i.clientHeight ? (() => {
        const s = getComputedStyle(i);
        const w = i.clientWidth - parseFloat(s.paddingLeft)
          - parseFloat(s.paddingRight);
        const h = i.clientHeight - parseFloat(s.paddingTop)
          - parseFloat(s.paddingBottom);
        return (w / h) / (i.naturalWidth / i.naturalHeight);
      })() : 1,
    })),
    levels: levels,
    equations: equations.length,
    drawn: equations.filter((e) => e.querySelector("mjx-container")).length,
    misprints: [
      ...all("mjx-merror, [data-mjx-error]", article)
        .map((e) => e.getAttribute("data-mjx-error") || e.textContent),
      // An unknown command stands there in red.
      ...all("mtext[mathcolor=red]", article).map((e) => e.textContent)
        .filter((text) => text.startsWith("\\")),
    ],
    pale: equations.filter((e) => shown(e) && contrast(e) < 4.5)
      .map((e) => e.textContent.slice(0, 30)),
    icons: [...icons],
    icon_font: [...document.fonts]
      .filter((f) => f.family.includes("Course Icons"))
      .map((f) => f.status),
  };
}"""

AXE = gzip.decompress(
    (Path(__file__).parent / "axe-core-4.14.1.min.js.gz").read_bytes()
).decode()
# axe reads no MathML, so that a heading that is an equation looks empty to it.
RUN_AXE = """axe.run({resultTypes: ["violations"]}).then((result) =>
  result.violations.map((v) => [v.id, v.nodes
    .filter((n) => v.id !== "empty-table-header"
      || !document.querySelector(`${n.target[0]} mjx-container`))
    .map((n) => n.target.join(" "))]).filter(([_, places]) => places.length))
"""


@dataclass
class Visit:
    """What came of opening one page in one way."""

    name: str
    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    facts: dict = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    @property
    def outside(self):
        """Requests for anything that is not on this machine."""
        here = {"127.0.0.1", "localhost"}
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in {"file", "data", "blob"}
            and urlsplit(url).hostname not in here
        ]


def site_folder():
    """Give the built site's folder; without one, say how to get it."""
    folder = Path(os.environ.get("COURSE_SITE", ROOT / "_build" / "html"))
    if not (folder / "index.html").is_file():
        raise RuntimeError(f"no site in {folder}: run `make book`")
    return folder.resolve()


def page_names(folder):
    """List the pages of the site, relative to its folder.

    ``index.html`` is not among them: it only leads to the landing page.
    """
    names = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*.html"))
        if not NOT_PAGES & set(path.relative_to(folder).parts)
    ]
    names.remove("index.html")
    assert len(names) > 5, f"only {names} in {folder}"
    return names


@contextmanager
def served(folder):
    """Serve a folder on loopback; yield its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=folder)
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Tab:
    """A browser tab that notes what happens on the page it shows."""

    def __init__(self, browser, size=DESKTOP, scheme="light"):
        self.context = browser.new_context(viewport=size, color_scheme=scheme)
        self.page = self.context.new_page()
        self.visit = Visit("")
        on = self.page.on
        on("request", lambda r: self.visit.requests.append(r.url))
        on("requestfailed", self._on_failure)
        on("response", self._on_response)
        on("console", self._on_console)
        on("pageerror", lambda e: self.visit.errors.append(str(e)))

    def _on_failure(self, request):
        if request.failure == "net::ERR_ABORTED":
            return  # the browser left the page before its icon had come
        self.visit.failures.append(f"{request.url}: {request.failure}")

    def _on_response(self, response):
        if response.status >= 400:
            self.visit.failures.append(f"{response.url}: {response.status}")

    def _on_console(self, message):
        if message.type == "error":
            self.visit.errors.append(message.text)

    def open(self, url, name=""):
        """Go to a page and wait until it is complete; start a new Visit."""
        self.visit = Visit(name)
        self.page.goto(url, wait_until="load")
        settle(self.page)
        return self.visit

    def note(self, url, name, *, axe=False):
        """Open a page and note its facts."""
        visit = self.open(url, name)
        visit.facts = self.page.evaluate(FACTS)
        if axe:
            self.page.evaluate(AXE)
            visit.violations = [
                f"{rule} at {', '.join(places[:3])} ({len(places)} in all)"
                for rule, places in self.page.evaluate(RUN_AXE)
            ]
        return visit


@contextmanager
def opened(browser, url, size=DESKTOP, scheme="light"):
    """Open one page with nothing remembered; yield it and its Visit."""
    tab = Tab(browser, size, scheme)
    visit = tab.open(url)
    try:
        yield tab.page, visit
    finally:
        tab.context.close()


def hold(faults):
    """Fail and list the faults, if there are any."""
    faults = sorted(set(faults))
    if faults:
        more = [f"... and {len(faults) - 40} more"] if faults[40:] else []
        raise AssertionError("\n".join(["", *faults[:40], *more]))


def settle(page):
    """Wait until equations are drawn and fonts are there."""
    page.evaluate(
        """async () => {
          if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
          await document.fonts.ready;
        }"""
    )
