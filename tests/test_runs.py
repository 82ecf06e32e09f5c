"""The scripts of the committed runs still fit their chapters and files."""

import importlib.util
import json
import sys

import pytest

from tools.book import ROOT

RUNS = ROOT / "chapters" / "runs"
SCRIPTS = sorted(RUNS.glob("[0-9]*.py"))
TRAINS = ("one_seed", "times", "gradients", "forward_times", "milliseconds")


@pytest.fixture
def script(request, monkeypatch):
    """Load a script as running it would, without starting it."""
    monkeypatch.syspath_prepend(RUNS)
    spec = importlib.util.spec_from_file_location("run", request.param)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("committing", None)


@pytest.mark.parametrize(
    "script", SCRIPTS, indirect=True, ids=lambda path: path.stem
)
def test_a_run_goes_through_its_chapter_and_names_its_file(
    script, monkeypatch
):
    """All but the trainings: the chapter's cells run, the keys fit."""
    written = []
    for module in (script, sys.modules["committing"]):
        if hasattr(module, "commit"):
            monkeypatch.setattr(
                module, "commit", lambda *given: written.append(given)
            )
    for name in TRAINS:
        if hasattr(script, name):
            monkeypatch.setattr(script, name, lambda *a, **k: {})
    script.main()
    name, seeds, _, results, *_ = written[-1]
    assert name == script.__file__.rsplit("/", 1)[-1][:-3]
    committed = json.loads((RUNS / f"{name}.json").read_text("utf-8"))
    assert list(seeds) == committed["seeds"]
    assert committed.keys() - results.keys() == {
        "command", "seeds", "machine", "seconds",
    }  # fmt: skip
    assert committed["command"].endswith(f"chapters/runs/{name}.py")


def test_a_file_says_how_it_was_made(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(RUNS)
    import committing

    monkeypatch.setattr(committing, "HERE", tmp_path)
    committing.commit("99-x", range(2), 3.6, {"runs": {"0": 1}}, "; idle")
    found = json.loads((tmp_path / "99-x.json").read_text("utf-8"))
    assert found["seeds"] == [0, 1]
    assert found["seconds"] == 4
    assert found["runs"] == {"0": 1}
    assert found["machine"].endswith("; idle")
    assert found["command"] == (
        "OMP_NUM_THREADS=1 python chapters/runs/99-x.py"
    )


def test_a_run_is_written_after_each_seed(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(RUNS)
    import committing

    monkeypatch.setattr(committing, "HERE", tmp_path)
    monkeypatch.setattr(committing, "chapter_code", lambda path: path)
    seen = []

    def one_seed(code, seed):
        file = tmp_path / "99-x.json"
        found = json.loads(file.read_text("utf-8")) if seen else {"seeds": []}
        seen.append((code, seed, found["seeds"]))
        return {"twice": 2 * seed}

    committing.commit_seeds("99-x", "a chapter", [3, 5, 8], one_seed)
    assert seen == [
        ("a chapter", 3, []),
        ("a chapter", 5, [3]),
        ("a chapter", 8, [3, 5]),
    ]
    found = json.loads((tmp_path / "99-x.json").read_text("utf-8"))
    assert found["runs"] == {
        "3": {"twice": 6},
        "5": {"twice": 10},
        "8": {"twice": 16},
    }
