"""The page of benchmarks says what the committed files say."""

import json
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "book" / "benchmarks.md").read_text()
RUNS = sorted((ROOT / "chapters" / "runs").glob("*.json"))
MODERN = json.loads((ROOT / "benchmarks" / "modern.json").read_text())
MINILM = json.loads((ROOT / "benchmarks" / "minilm.json").read_text())


def row(name):
    """Give the cells of the one row that begins with a name."""
    (found,) = re.findall(rf"^\| {re.escape(name)} \|(.*)\|$", PAGE, re.M)
    return [cell.strip().replace(",", "") for cell in found.split("|")]


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_committed_run_is_listed(path):
    run = json.loads(path.read_text())
    _, seeds, seconds = row(f"`{path.stem}`")
    assert (int(seeds), int(seconds)) == (len(run["seeds"]), run["seconds"])
    assert run["command"].endswith(f"chapters/runs/{path.stem}.py")


@pytest.mark.parametrize("table", ["single", "together"])
def test_gains_are_the_benchmarks(table):
    seeds = MODERN[table].values()
    arms = set(MODERN[table]["0"]) - {"GPT"}
    assert arms
    for arm in arms:
        gains = [s["GPT"]["validation"] - s[arm]["validation"] for s in seeds]
        gain, error, steps = map(float, row(arm))
        assert gain == pytest.approx(statistics.mean(gains), abs=6e-4)
        spread = statistics.stdev(gains) / len(gains) ** 0.5
        assert error == pytest.approx(spread, abs=6e-4)
        took = statistics.mean(s[arm]["steps"] for s in seeds)
        assert steps == pytest.approx(took, abs=0.6)


def test_lengths_are_the_benchmarks():
    for length, found in MODERN["lengths"].items():
        cells = row(f"{int(length):,}")
        for kind, (size, took) in zip(
            ("written out", "fused"), (cells[:2], cells[2:]), strict=True
        ):
            if found[kind] is None:
                assert (size, took) == ("over 1024", "")
                continue
            amount, seconds = found[kind]
            assert float(size) == pytest.approx(amount / 2**20, abs=0.06)
            assert float(took) == pytest.approx(1000 * seconds, abs=0.06)


def test_minilm_is_the_benchmarks():
    for batch in ("1", "32"):
        found = MINILM[f"batches_of_{batch}"]
        median, turns, apart = row(batch)
        assert float(median) == found["times_as_fast"]
        ratios = found["times_as_fast_each_turn"]
        assert turns == f"{min(ratios):.3f} to {max(ratios):.3f}"
        assert float(apart) == found["largest_difference"]
