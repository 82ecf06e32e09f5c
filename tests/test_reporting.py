"""What a cell shows: numbers held to a band, our own source, a picture."""

import math

import pytest

from transformer_course import reporting


def test_report_prints_value_and_band(capsys):
    reporting.report("accuracy", 0.98765, 0.95, 1)
    assert capsys.readouterr().out == ("accuracy = 0.988  (band 0.95 to 1)\n")


def test_report_takes_the_ends_of_the_band(capsys):
    reporting.report("loss", 2, 2, 3)
    reporting.report("loss", 3, 2, 3)
    assert capsys.readouterr().out.count("band 2 to 3") == 2


@pytest.mark.parametrize("value", [1.99, 3.01, math.nan, math.inf, -math.inf])
def test_report_fails_outside_the_band(value, capsys):
    with pytest.raises(AssertionError, match=r"loss = .* outside its \(band"):
        reporting.report("loss", value, 2, 3)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("low", "high"), [(3, 2), (math.nan, 2), (2, math.nan)]
)
def test_report_refuses_a_band_that_is_none(low, high):
    with pytest.raises(ValueError, match="the band of 'loss' runs from"):
        reporting.report("loss", 2, low, high)


@pytest.fixture
def shown(monkeypatch):
    """Call a function and return the one thing that it displays."""

    def show(function, *arguments) -> dict[str, str]:
        displayed = []

        def keep(data, *, raw: bool) -> None:
            assert raw  # a dictionary of MIME types, not an object's repr
            displayed.append(data)

        monkeypatch.setattr(reporting, "display", keep)
        function(*arguments)
        (data,) = displayed
        return data

    return show


def test_show_html_marks_the_picture_and_keeps_the_description(shown):
    data = shown(reporting.show_html, "<b>7</b>", "a bold seven")
    assert data["text/plain"] == "a bold seven"
    assert data["text/html"] == "<!--picture--><b>7</b><!--/picture-->"
    assert data["text/html"].startswith(reporting.PICTURE_OPENS)
    assert data["text/html"].endswith(reporting.PICTURE_CLOSES)


def indented() -> str:
    """Return a word with <angles> & an ampersand."""
    return "<squatch> & pizza"


class Holder:
    def method(self) -> int:
        return 11


def test_source_of_is_the_installed_text_without_indentation():
    text = reporting.source_of(Holder.method)
    assert text == "def method(self) -> int:\n    return 11"
    assert reporting.source_of(indented).startswith("def indented()")
    whole = reporting.source_of(reporting)
    assert "def source_of(" in whole
    assert not whole.endswith("\n")


def test_source_of_refuses_what_has_no_file():
    with pytest.raises(TypeError):
        reporting.source_of(len)


def test_show_source_escapes_and_names_each_thing(shown):
    data = shown(reporting.show_source, indented, Holder)
    assert data["text/plain"] == (
        f"library source: {__name__}.indented, {__name__}.Holder"
    )
    page = data["text/html"]
    assert "&lt;squatch&gt; &amp; pizza" in page
    assert "<squatch>" not in page
    assert page.count("From the library: ") == 2
    assert page.index("indented</code>") < page.index("Holder</code>")


def test_show_source_escapes_the_name_of_a_local_function(shown):
    def local() -> None:
        """Do nothing."""

    page = shown(reporting.show_source, local)["text/html"]
    assert "&lt;locals&gt;.local</code>" in page
    assert "<locals>" not in page
