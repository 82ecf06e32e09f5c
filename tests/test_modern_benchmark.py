"""The benchmark of chapter 16 races fairly, chooses, and can be resumed."""

import importlib.util
import json
from types import SimpleNamespace

import pytest

from tools.book import ROOT


@pytest.fixture
def modern(monkeypatch, tmp_path):
    """Load the script as running it would, without starting it."""
    path = ROOT / "benchmarks" / "modern.py"
    spec = importlib.util.spec_from_file_location("modern", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "KEPT", tmp_path)
    return module


def scores(**validation):
    return {
        name.replace("_", " "): {
            "steps": 3, "seconds": 2.0, "validation": loss, "test": loss + 1,
        }
        for name, loss in validation.items()
    }  # fmt: skip


def test_what_was_made_is_kept_and_not_made_again(modern, tmp_path):
    calls = []

    def make():
        calls.append(1)
        return {"loss": 0.5}

    assert modern.kept("a-0", make) == {"loss": 0.5}
    assert modern.kept("a-0", make) == {"loss": 0.5}
    assert len(calls) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a-0.json"]


def test_only_gains_beyond_two_standard_errors_are_chosen(modern):
    by_seed = {
        "0": scores(GPT=2.0, clear=1.5, noisy=1.5, worse=2.3),
        "1": scores(GPT=2.1, clear=1.58, noisy=2.3, worse=2.42),
        "2": scores(GPT=1.9, clear=1.39, noisy=1.85, worse=2.2),
    }
    found = modern.gains(by_seed, "clear", "test")
    assert found == pytest.approx([0.5, 0.52, 0.51])
    assert modern.chosen(by_seed, ["clear", "noisy", "worse"]) == ["clear"]
    assert modern.trained(by_seed, by_seed) == 2 * 3 * 4 * 2.0


def test_the_chosen_parts_train_together_beside_the_gpt(modern, monkeypatch):
    raced = []

    def race(chapter, arms, seed):
        raced.append((dict(arms), seed))
        gain = {"GPT": 0, "rotary": 0.3, "Muon": -0.2}
        return scores(**{
            arm.replace(" ", "_"): 2 - gain.get(arm, 0.4) + seed / 100
            for arm in arms
        })  # fmt: skip

    monkeypatch.setattr(modern, "race", race)
    chapter = SimpleNamespace(
        SWITCHES={"rotary": {}, "Muon": {}}, MODERN=["rotary", "Muon"]
    )
    found = modern.ablation(chapter, [0, 1])
    single = {
        "GPT": (), "rotary": ("rotary",), "Muon": ("Muon",),
        "all of them": ["rotary", "Muon"],
    }  # fmt: skip
    together = {"GPT": (), "best together": ["rotary"]}
    assert raced == [
        (single, 0), (single, 1), (together, 0), (together, 1),
    ]  # fmt: skip
    assert found["chosen"] == ["rotary"]
    assert found["single"].keys() == found["together"].keys() == {"0", "1"}


def test_the_committed_file_is_of_this_script():
    path = ROOT / "benchmarks" / "modern.json"
    committed = json.loads(path.read_text(encoding="utf-8"))
    assert committed["command"].endswith("python benchmarks/modern.py")
    assert len(committed["seeds"]) >= 3
    for part in ("single", "together", "far"):
        assert list(committed[part]) == [str(s) for s in committed["seeds"]]
    budget = committed["budget"]
    for part in ("single", "together"):
        for by_arm in committed[part].values():
            for one in by_arm.values():
                assert budget <= one["seconds"] < budget + 1.5
