"""An attention map that the reader asks: choose a word, see its row.

Plain HTML, styles and script without anything from outside. Where scripts do
not run, the row of the first chosen word stands there, readable.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence

from torch import Tensor

from transformer_course.plotting import style
from transformer_course.reporting import show_html

_STYLE = (
    style.card_css("tc-ask")
    + """\
.tc-ask p { margin: 0.4rem 0 0.2rem; }
.tc-ask .tc-row {
  display: flex; flex-wrap: wrap; gap: 0.3rem; margin: 0; padding: 0;
  list-style: none;
}
.tc-ask .tc-row li { margin: 0; padding: 0; }
.tc-ask .tc-answer { max-width: 44rem; gap: 0.2rem; }
.tc-ask button {
  font: inherit; color: var(--tc-ink); background: var(--tc-raised);
  border: 1px solid var(--tc-line); border-radius: 0.3rem;
  min-height: 2.75rem; min-width: 2.75rem; padding: 0 0.5rem; cursor: pointer;
}
.tc-ask button[aria-pressed="true"] {
  border: 2px solid currentColor; font-weight: 700;
  text-decoration: underline;
}
.tc-ask button:focus-visible {
  outline: 3px solid #0072b2; outline-offset: 2px;
}
.tc-ask .tc-cell {
  flex: 1 1 auto; min-width: 2.6rem; text-align: center; padding: 0;
  border: 1px solid var(--tc-line); border-radius: 0.3rem; overflow: hidden;
}
.tc-ask .tc-tank { display: block; height: 2.4rem; position: relative; }
.tc-ask .tc-fill {
  position: absolute; left: 0; right: 0; bottom: 0; background: #0072b2;
  height: calc(var(--w) * 100%);
}
.tc-ask .tc-share { font-size: 0.8rem; font-variant-numeric: tabular-nums; }
.tc-ask .tc-word { display: block; padding: 0 0.15rem; }
"""
)

_SCRIPT = """
(() => {
  const root = document.currentScript.closest(".tc-ask");
  if (!root || root.classList.contains("tc-live")) return;
  root.classList.add("tc-live");
  const maps = JSON.parse(root.dataset.maps);
  const buttons = [...root.querySelectorAll("button")];
  const rows = [...root.querySelectorAll(".tc-answer")];
  const voice = root.querySelector(".tc-voice");
  let kept = buttons.findIndex(
    (b) => b.getAttribute("aria-pressed") === "true");
  const show = (asker) => {
    buttons.forEach((b, i) => b.setAttribute("aria-pressed", i === asker));
    root.querySelectorAll(".tc-asker").forEach((e) => {
      e.textContent = buttons[asker].textContent;
    });
    rows.forEach((row, m) => {
      [...row.children].forEach((cell, i) => {
        const share = maps[m].rows[asker][i];
        cell.style.setProperty("--w", share / 100);
        cell.querySelector(".tc-share").textContent = share + " %";
      });
    });
  };
  const say = () => {
    voice.textContent = buttons[kept].textContent + " asks. " +
      maps.map((map) => {
        const row = map.rows[kept];
        const best = row.indexOf(Math.max(...row));
        return `${map.name}: most to ${buttons[best].textContent}, ` +
          `${row[best]} percent`;
      }).join(". ");
  };
  buttons.forEach((button, i) => {
    button.onmouseenter = () => show(i);
    button.onmouseleave = () => show(kept);
    button.onclick = () => { kept = i; show(i); say(); };
    button.onkeydown = (e) => {
      e.stopPropagation();
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!step) return;
      e.preventDefault();
      kept = (i + step + buttons.length) % buttons.length;
      buttons[kept].focus();
      show(kept);
      say();
    };
  });
})();
"""

_HIDDEN = (
    "position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%);white-space:nowrap"
)


def markup(
    words: Sequence[str], maps: Mapping[str, Tensor], start: int = 0
) -> str:
    """Lay out a sentence whose words can be chosen, and their rows.

    Args:
        words: The T words.
        maps: Attention weights by name, each float (T, T): row i holds the
            weights of word i.
        start: The word whose row shows first.

    Returns:
        HTML that needs nothing from outside itself.

    Raises:
        ValueError: A map is not of shape (T, T), or ``start`` is no word.
    """
    n_words = len(words)
    if not 0 <= start < n_words:
        raise ValueError(f"start {start} is not from 0 to {n_words - 1}")
    for name, grid in maps.items():
        if grid.shape != (n_words, n_words):
            raise ValueError(
                f"map {name!r} has shape {tuple(grid.shape)}, "
                f"wanted ({n_words}, {n_words})"
            )
    percent: dict[str, list[list[int]]] = {
        name: (100 * grid).round().int().tolist()
        for name, grid in maps.items()
    }
    data = [{"name": name, "rows": rows} for name, rows in percent.items()]
    asker = html.escape(words[start])
    answers = "".join(
        f"<p>{html.escape(name).capitalize()}: where "
        f'“<span class="tc-asker">{asker}</span>” puts its weight</p>'
        f"{_answer(words, rows[start])}"
        for name, rows in percent.items()
    )
    return (
        '<div class="tc-ask" role="group" aria-label="Attention maps: choose '
        'a word" data-lm-suppress-shortcuts="true" '
        f'data-maps="{html.escape(json.dumps(data))}">'
        f"<style>{_STYLE}</style><p>Choose the word that asks:</p>"
        f"{_buttons(words, start)}{answers}"
        f'<span class="tc-voice" role="status" style="{_HIDDEN}"></span>'
        f"<script>{_SCRIPT}</script></div>"
    )


def _buttons(words: Sequence[str], start: int) -> str:
    parts = "".join(
        f'<li><button type="button" aria-pressed="{str(i == start).lower()}">'
        f"{html.escape(word)}</button></li>"
        for i, word in enumerate(words)
    )
    return f'<ul class="tc-row">{parts}</ul>'


def _answer(words: Sequence[str], shares: Sequence[int]) -> str:
    parts = "".join(
        f'<li class="tc-cell" style="--w:{share / 100}">'
        '<span class="tc-tank" aria-hidden="true">'
        '<span class="tc-fill"></span></span>'
        f'<span class="tc-word">{html.escape(word)}</span>'
        f'<span class="tc-share">{share} %</span></li>'
        for word, share in zip(words, shares, strict=True)
    )
    return f'<ul class="tc-row tc-answer">{parts}</ul>'


def show(
    words: Sequence[str], maps: Mapping[str, Tensor], *, start: int = 0
) -> None:
    """Show a sentence whose words the reader asks for their weights.

    Args:
        words: The T words.
        maps: Attention weights by name, each float (T, T).
        start: The word whose row shows first.

    Raises:
        ValueError: A map is not of shape (T, T), or ``start`` is no word.
    """
    show_html(
        markup(words, maps, start),
        f"attention maps of: {' '.join(words)} (choose a word to see its row)",
    )
