"""The build notices what changed and refuses what is broken."""

import shutil

import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import book, module_list, notebooks


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Lay out the smallest book that the real settings can build."""
    root = tmp_path / "project"
    (root / "chapters").mkdir(parents=True)
    (root / "book").mkdir()
    for name in ("_config.yml", "requirements.lock"):
        shutil.copy(book.ROOT / name, root / name)
    for name in ("_static", "_templates"):
        shutil.copytree(book.ROOT / "book" / name, root / "book" / name)
    shutil.copy(book.ROOT / "book" / "references.bib", root / "book")
    (root / "book" / "preface.md").write_text("# Preface\n\nWelcome.\n")
    toc = {
        "format": "jb-book",
        "root": "book/preface",
        "chapters": [{"file": "chapters/01-one"}],
    }
    (root / "_toc.yml").write_text(yaml.safe_dump(toc))
    package = root / "src" / "transformer_course"
    shutil.copytree(book.PACKAGE, package)
    monkeypatch.setattr(book, "ROOT", root)
    monkeypatch.setattr(book, "PACKAGE", package)
    write_chapter(root, "print('hello from the cell')")
    return root


def write_chapter(root, *sources):
    cells = [new_markdown_cell("# One")]
    cells += [new_code_cell(source) for source in sources]
    path = root / "chapters" / "01-one.ipynb"
    notebooks.write(notebooks.normalise(new_notebook(cells=cells)), path)
    return path


def page(root):
    return (root / "_build/html/chapters/01-one.html").read_text()


@pytest.mark.slow
def test_a_book_is_built_once_and_again_only_where_it_changed(project, capfd):
    assert book.build(project / "_build") == 0
    assert "hello from the cell" in page(project)
    out = capfd.readouterr().out
    assert "executing 1" in out
    assert str(project / "_build/html/index.html") in out

    assert book.build(project / "_build") == 0
    out = capfd.readouterr().out
    assert "nothing to execute" in out
    assert "rendering what changed" in out

    write_chapter(project, "print('hello again')")
    assert book.build(project / "_build") == 0
    assert "hello again" in page(project)
    assert "hello from the cell" not in page(project)


@pytest.mark.slow
def test_a_change_in_the_library_executes_the_chapters_that_use_it(
    project, capfd
):
    state = project / "state.txt"
    state.write_text("before")
    write_chapter(
        project,
        "from transformer_course import masks\nfrom pathlib import Path",
        f"print(Path({str(state)!r}).read_text())",
    )
    book.build(project / "_build")
    assert "before" in page(project)

    state.write_text("after")
    unrelated = project / "src/transformer_course/positions.py"
    unrelated.write_text(unrelated.read_text() + "\n# a remark\n")
    book.build(project / "_build")
    assert "nothing to execute" in capfd.readouterr().out
    assert "before" in page(project)

    used = project / "src/transformer_course/masks.py"
    used.write_text(used.read_text() + "\n# a remark\n")
    book.build(project / "_build")
    assert "executing 1" in capfd.readouterr().out
    assert "after" in page(project)


def test_a_changed_check_changes_the_fingerprint_of_its_chapter(project):
    path = write_chapter(project, "from transformer_course import checking")
    graph = book.grimp.build_graph("transformer_course")
    before = book.fingerprint(path, graph)
    other = project / "src/transformer_course/checking/chapter_02.py"
    other.write_text(other.read_text() + "\n# a remark\n")
    assert book.fingerprint(path, graph) == before
    own = project / "src/transformer_course/checking/chapter_01_bpe.py"
    own.write_text(own.read_text() + "\n# a remark\n")
    assert book.fingerprint(path, graph) != before


@pytest.mark.slow
def test_a_warning_fails_the_build_and_the_next_one_too(project):
    (project / "book/preface.md").write_text("# Preface\n\n{ref}`nowhere`\n")
    for _ in range(2):
        with pytest.raises(book.BuildError, match=r"preface\.md.*nowhere"):
            book.build(project / "_build")
    (project / "book/preface.md").write_text("# Preface\n\nWelcome.\n")
    assert book.build(project / "_build") == 0


def test_a_failing_cell_fails_the_build_by_name(project):
    write_chapter(project, "a = 1", "a / 0")
    with pytest.raises(
        book.BuildError, match=r"01-one\.ipynb, code cell 2 .*ZeroDivision"
    ):
        book.build(project / "_build")


def test_missing_pages_and_pictures_are_named(tmp_path):
    html = tmp_path / "html"
    html.mkdir()
    (html / "index.html").write_text('<img alt="x" src="_images/gone.png">')
    with pytest.raises(book.BuildError) as error:
        book._check_pages(tmp_path, ["book/preface"])
    assert "_images/gone.png, which is missing" in str(error.value)
    assert "book/preface.html was not built" in str(error.value)


def test_a_page_of_the_contents_that_is_not_there_is_named(project):
    (project / "chapters/01-one.ipynb").unlink()
    with pytest.raises(book.BuildError, match="chapters/01-one"):
        book.build(project / "_build")


def test_imported_modules_follow_the_import_graph(tmp_path):
    path = tmp_path / "chapter.ipynb"
    cell = new_code_cell("from transformer_course.plotting import roadmap")
    notebooks.write(new_notebook(cells=[cell]), path)
    found = book.imported_modules(path, book.import_graph())
    assert "transformer_course.plotting.roadmap" in found
    assert "transformer_course.plotting.style" in found
    assert "transformer_course.plotting" in found
    assert "transformer_course.plotting.training_curves" not in found
    assert "transformer_course.training" not in found


def test_imported_modules_reach_through_a_package(tmp_path):
    path = tmp_path / "chapter.ipynb"
    cell = new_code_cell("from transformer_course import training")
    notebooks.write(new_notebook(cells=[cell]), path)
    found = book.imported_modules(path, book.import_graph())
    assert "transformer_course.training.checkpoints" in found
    assert "transformer_course" in found


def test_the_list_of_modules_is_flat():
    inner = "<ul><li>a.b</li></ul>"
    nested = f"<h1>All</h1>\n<ul><li>a</li>\n{inner}<li>c</li></ul>"
    flat = "<h1>All</h1>\n<ul><li>a</li><li>a.b</li><li>c</li></ul>"
    assert module_list.flatten(nested) == flat
