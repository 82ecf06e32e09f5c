"""Links, anchors and files that pages name, checked without a browser."""

import importlib
import pkgutil
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

import transformer_course
from tests.site import visiting

pytestmark = pytest.mark.site

# Elements whose address is fetched when the page opens.
FETCHED = {"script", "img", "iframe", "source", "video", "audio", "embed"}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}


class Page(HTMLParser):
    """The ids of a page, the places it links to and the files it fetches."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.fetched = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if "id" in named:
            self.ids.add(named["id"])
        if tag == "a" and "name" in named:
            self.ids.add(named["name"])
        address = named.get("src") or named.get("href")
        if not address or address.startswith(("data:", "mailto:")):
            return
        kinds = set((named.get("rel") or "").split())
        if tag in FETCHED or (tag == "link" and kinds & FETCHED_LINKS):
            self.fetched.append(address)
        else:
            self.links.append(address)


@pytest.fixture(scope="module")
def pages(folder, names):
    return {folder / n: Page(folder / n) for n in [*names, "index.html"]}


def fault_of(path, address, pages):
    """Say what is wrong with an address on a page, if anything is."""
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"}:
        local = parts.hostname in {None, "localhost", "127.0.0.1"}
        return "points to this machine" if local else None
    if parts.scheme or parts.netloc:
        return f"scheme {parts.scheme!r}"
    target = path
    if parts.path:
        target = Path(path.parent, unquote(parts.path)).resolve()
    if not target.is_file():
        return "there is no such file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].ids:
        return "there is no such anchor"
    return None


def test_every_link_and_anchor_resolves(pages, folder):
    n_links, faults = 0, []
    for path, page in pages.items():
        for address in page.links + page.fetched:
            n_links += 1
            fault = fault_of(path, address, pages)
            if fault:
                name = path.relative_to(folder)
                faults.append(f"{name}: {address}: {fault}")
    assert n_links > 500
    visiting.hold(faults)


def test_what_a_page_fetches_is_on_the_site(pages, folder):
    outside = [
        f"{path.relative_to(folder)}: {address}"
        for path, page in pages.items()
        for address in page.fetched
        if urlsplit(address).netloc
    ]
    assert any(page.fetched for page in pages.values())
    visiting.hold(outside)


def test_what_a_style_sheet_fetches_is_on_the_site(folder):
    faults, n_found = [], 0
    for sheet in sorted((folder / "_static").rglob("*.css")):
        for address in re.findall(
            r"url\(\s*[\"']?([^\"')]+)", sheet.read_text(encoding="utf-8")
        ):
            if address.startswith(("data:", "#", "%23")):
                continue
            n_found += 1
            parts = urlsplit(address)
            there = (sheet.parent / unquote(parts.path)).is_file()
            if parts.netloc or not there:
                faults.append(f"{sheet.name}: {address}")
    assert n_found > 0
    visiting.hold(faults)


def test_no_page_names_a_place_on_the_builder_s_machine(pages, folder):
    # Prose may speak of a folder; an address of the builder's may not show.
    place = re.compile(
        re.escape(str(Path(transformer_course.__file__).parent))
    )
    faults = [
        str(path.relative_to(folder))
        for path in pages
        if place.search(path.read_text(encoding="utf-8"))
    ]
    visiting.hold(faults)


def documents(entries):
    """List the files that a part of the table of contents names."""
    for entry in entries:
        if "file" in entry:
            yield entry["file"]
        for key in ("chapters", "sections", "parts"):
            yield from documents(entry.get(key, []))


def test_every_page_of_the_contents_is_built_and_linked(pages, folder):
    root = Path(__file__).resolve().parents[2]
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    wanted = {folder / f"{name}.html" for name in documents([toc])}
    landing = folder / f"{toc['root']}.html"
    linked = {
        (landing.parent / urlsplit(address).path).resolve()
        for address in pages[landing].links
    }
    assert len(wanted) > 10
    visiting.hold(f"{path} is not built" for path in wanted - set(pages))
    visiting.hold(f"{path} is not linked" for path in wanted - linked)


def public_modules():
    """Name the library's modules that a reader may import from.

    A package that names what it offers in ``__all__`` stands for its files.
    """
    found = pkgutil.walk_packages(
        transformer_course.__path__, "transformer_course."
    )
    for name in sorted(module.name for module in found):
        if any(part.startswith("_") for part in name.split(".")):
            continue
        parent = name.rpartition(".")[0]
        package = importlib.import_module(parent)
        if parent != "transformer_course" and hasattr(package, "__all__"):
            continue
        yield name


def test_every_module_of_the_library_is_in_the_reference(pages, folder):
    ids = set().union(
        *(
            page.ids
            for path, page in pages.items()
            if path.is_relative_to(folder / "book" / "api")
        )
    )
    wanted = set(public_modules())
    assert len(wanted) > 10
    missing = {name for name in wanted if f"module-{name}" not in ids}
    visiting.hold(f"book/api says nothing of {name}" for name in missing)
