"""What is written of the inventory: QTI, Moodle, Blackboard, paper."""

import html
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest
from lxml import etree

from coursework.inventory import forms, moodle, qti, questions, sheets
from coursework.inventory.__main__ import main
from coursework.inventory.text import block, inline, plain
from transformer_course import archives
from transformer_course.archives import Archive

# The standard's own document type definition, QTI 1.2.1 final, as the tests
# of pyslet carry it. Read, never installed.
PYSLET = Archive(
    name="qti-dtd",
    requirement="pyslet==0.7.20170805",
    filename="pyslet-0.7.20170805.tar.gz",
    size=4330981,
    sha256="d4cbb85e16d58a8f990e15e711266ec2fe30a4dc4626c4d839bb7b7824afdf6c",
    licence="BSD-3-Clause",
    members={
        "pyslet-0.7.20170805/unittests/data_imsqtiv1p2p1/"
        "ims_qtiasiv1p2p1.dtd": (
            "c991ca648247cde8f228500a4ffb7e3578505c451f54150f43258b7f1ab445bd"
        )
    },
)


@pytest.fixture(scope="module")
def inventory():
    return questions.load()


@pytest.fixture(params=forms.FORMS)
def form(request, inventory):
    return forms.build(inventory, request.param)


@pytest.fixture
def package(form, tmp_path):
    path = tmp_path / "out.zip"
    assert main(["qti", str(path), "--form", form.name]) == 0
    with zipfile.ZipFile(path) as opened:
        yield opened


def resource(package: zipfile.ZipFile) -> bytes:
    """Read the one assessment that the manifest names."""
    root = ET.fromstring(package.read("imsmanifest.xml"))
    space = {"cp": qti.PACKAGE}
    (entry,) = root.findall("cp:resources/cp:resource", space)
    assert entry.get("type") == "imsqti_xmlv1p2"
    (file,) = entry.findall("cp:file", space)
    assert file.get("href") == entry.get("href")
    assert set(package.namelist()) == {"imsmanifest.xml", file.get("href")}
    return package.read(file.get("href"))


def test_qti_fits_the_standards_document_type(package):
    (member,) = PYSLET.members
    dtd = etree.DTD(io.BytesIO(archives.read_member(PYSLET, member)))
    written = resource(package)
    declaration = f' xmlns="{qti.QTI}"'.encode()
    assert written.count(declaration) == 1
    root = etree.fromstring(written.replace(declaration, b""))
    assert dtd.validate(root), dtd.error_log
    root.find("assessment/section/item/presentation").append(
        etree.Element("answer")
    )
    assert not dtd.validate(root)


def test_qti_says_what_the_form_says(package, form):
    space = {"q": qti.QTI}
    root = ET.fromstring(resource(package))
    items = root.findall("q:assessment/q:section/q:item", space)
    assert len(items) == len(form.items)
    text = "q:material/q:mattext"
    for element, item in zip(items, form.items, strict=True):
        assert element.get("ident") == item.question.key
        stem = element.findtext(f"q:presentation/{text}", None, space)
        assert plain(stem) == plain(item.question.stem)
        labels = element.findall(".//q:response_label", space)
        written = [label.findtext(text, None, space) for label in labels]
        assert [plain(t) for t in written] == [
            plain(option.text) for option in item.options
        ]
        (condition,) = element.findall(".//q:respcondition", space)
        key = condition.findtext("q:conditionvar/q:varequal", None, space)
        assert labels["ABCD".index(item.right)].get("ident") == key
        assert condition.findtext("q:setvar", None, space) == qti.FULL
    idents = [e.get("ident") for e in root.iter() if e.get("ident")]
    labels = [i for i in idents if i != qti.RESPONSE]
    assert len(labels) == len(set(labels))


def test_qti_is_the_same_each_time_and_holds_no_belief(
    inventory, form, tmp_path
):
    one, two = tmp_path / "1.zip", tmp_path / "2.zip"
    qti.write(form, one)
    qti.write(form, two)
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as package:
        text = resource(package).decode()
    for belief in inventory.beliefs:
        assert belief not in text


def test_moodle_says_what_the_form_says(form, tmp_path):
    path = tmp_path / "out.xml"
    assert main(["moodle", str(path), "--form", form.name]) == 0
    category, *found = ET.parse(path).getroot().findall("question")
    assert category.get("type") == "category"
    assert len(found) == len(form.items)
    for element, item in zip(found, form.items, strict=True):
        assert element.findtext("idnumber") == item.question.key
        stem = element.findtext("questiontext/text")
        assert plain(stem) == plain(item.question.stem)
        answers = element.findall("answer")
        assert [plain(a.findtext("text")) for a in answers] == [
            plain(option.text) for option in item.options
        ]
        right = [a.get("fraction") == "100" for a in answers]
        assert right == [o.belief is None for o in item.options]
    assert moodle.quiz(form).tag == "quiz"


def test_blackboards_lines_say_what_the_form_says(form, tmp_path):
    path = tmp_path / "out.txt"
    assert main(["blackboard", str(path), "--form", form.name]) == 0
    written = path.read_text("utf-8").splitlines()
    assert len(written) == len(form.items)
    for line, item in zip(written, form.items, strict=True):
        kind, stem, *fields = line.split("\t")
        assert kind == "MC"
        assert plain(stem) == plain(item.question.stem)
        assert [plain(text) for text in fields[::2]] == [
            plain(option.text) for option in item.options
        ]
        assert [kind == "correct" for kind in fields[1::2]] == [
            option.belief is None for option in item.options
        ]


def test_paper_asks_everything_and_gives_nothing_away(
    inventory, form, tmp_path
):
    path = tmp_path / "sheet.html"
    assert main(["paper", str(path), "--form", form.name]) == 0
    page = path.read_text("utf-8")
    assert page == sheets.inventory_paper(form)
    visible = plain(page)
    for item in form.items:
        assert plain(item.question.stem) in visible
        assert plain(item.question.because) not in visible
        for option in item.options:
            assert plain(option.text) in visible
    for belief in inventory.beliefs.values():
        assert belief.key not in page
    key = (tmp_path / "sheet-key.html").read_text("utf-8")
    letters = re.findall(r"<h2>(\d+) · (q\d+) · ([A-D])</h2>", key)
    assert letters == [
        (str(i.number), i.question.key, i.right) for i in form.items
    ]
    assert all(plain(b.says) in plain(key) for b in inventory.beliefs.values())


def test_markup_of_a_source_is_shown_and_not_obeyed():
    assert inline("`[MASK]` <b>") == "<code>[MASK]</code> &lt;b&gt;"
    assert block("a < b") == "<p>a &lt; b</p>"
    assert plain("<p>Don’t “ask”</p>") == plain('Don\'t "ask"')
    assert plain("after <ask> comes") == plain(
        f"<p>{html.escape('after <ask> comes')}</p>"
    )
    assert plain("[0.2, 0.9]") != plain("[0.29]")
    assert plain("1 < 2, 2 > 1") == "1221"
