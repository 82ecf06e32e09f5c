"""A picture in which the reader asks word vectors for analogies.

Plain HTML, styles and script without anything from outside: it works on the
built site, on a phone, from a file and in JupyterLab.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence

import numpy as np

from transformer_course.embeddings import WordSpace
from transformer_course.plotting import style

_STYLE = (
    style.card_css("tc-analogy")
    + """\
.tc-analogy .tc-row {
  display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center;
  margin-bottom: 0.6rem;
}
.tc-analogy input[type="text"] { width: 7rem; padding: 0 0.5rem; }
.tc-analogy input[type="text"], .tc-analogy button {
  font: inherit; color: var(--tc-ink); background: var(--tc-raised);
  border: 1px solid var(--tc-line); border-radius: 0.3rem;
  min-height: 2.75rem;
}
.tc-analogy button { padding: 0 0.7rem; cursor: pointer; }
.tc-analogy label { display: inline-flex; gap: 0.4rem; min-height: 2.75rem;
  align-items: center; }
.tc-analogy input[type="checkbox"] { width: 1.3rem; height: 1.3rem; }
.tc-analogy :focus-visible { outline: 3px solid #0072b2; outline-offset: 2px; }
.tc-analogy ol { list-style: none; margin: 0; padding: 0; min-height: 12rem; }
.tc-analogy li { display: grid; align-items: center; gap: 0.5rem;
  grid-template-columns: 7.5rem 3rem 1fr; height: 2rem; }
.tc-analogy .tc-bar { background: #0072b2; height: 0.9rem; }
.tc-analogy .tc-input .tc-bar { background: repeating-linear-gradient(
  45deg, #d55e00 0 4px, transparent 4px 8px); outline: 1px solid #d55e00; }
.tc-analogy .tc-note { margin: 0.5rem 0 0; min-height: 1.5rem; }
"""
)

_SCRIPT = """
(() => {
  const root = document.currentScript.closest(".tc-analogy");
  if (!root || root.classList.contains("tc-live")) return;
  root.classList.add("tc-live");
  const data = JSON.parse(root.querySelector(".tc-data").textContent);
  const raw = Uint8Array.from(atob(data.vectors), (c) => c.charCodeAt(0));
  const flat = Float64Array.from(new Int16Array(raw.buffer));
  const { words, width } = data;
  const unit = (v) => {
    const length = Math.hypot(...v);
    return Array.from(v, (x) => x / length);
  };
  const units = words.map((_, i) =>
    unit(flat.subarray(i * width, (i + 1) * width)));
  const row = new Map(words.map((word, i) => [word, i]));
  const boxes = [..."abc"].map((x) => root.querySelector(".tc-word-" + x));
  const leave = root.querySelector(".tc-leave");
  const list = root.querySelector("ol");
  const note = root.querySelector(".tc-note");
  const answer = () => {
    const asked = boxes.map((box) => box.value.trim().toLowerCase());
    const unknown = asked.filter((word) => !row.has(word));
    list.replaceChildren();
    if (unknown.length) {
      note.textContent = unknown[0]
        ? `"${unknown[0]}" is not among these ${words.length} words.`
        : "Type three words.";
      return;
    }
    const [a, b, c] = asked.map((word) => units[row.get(word)]);
    const target = unit(b.map((x, i) => x - a[i] + c[i]));
    const found = units
      .map((v, i) => [words[i], v.reduce((s, x, j) => s + x * target[j], 0)])
      .filter(([word]) => !leave.checked || !asked.includes(word))
      .sort((x, y) => y[1] - x[1]).slice(0, 6);
    for (const [word, cosine] of found) {
      const item = document.createElement("li");
      const given = asked.includes(word);
      const [name, number, bar] = ["span", "span", "div"].map((tag) =>
        item.appendChild(document.createElement(tag)));
      name.textContent = word + (given ? " (input)" : "");
      number.textContent = cosine.toFixed(3);
      bar.className = "tc-bar";
      bar.style.width = `${100 * Math.max(0, cosine)}%`;
      if (given) item.className = "tc-input";
      list.append(item);
    }
    note.textContent = `${asked[1]} − ${asked[0]} + ${asked[2]}: nearest ` +
      `of these ${words.length} words is ${found[0][0]}, ` +
      `${found[0][1].toFixed(3)}.`;
  };
  [...boxes, leave].forEach((box) => box.addEventListener("input", answer));
  root.querySelectorAll("button").forEach((button) =>
    button.addEventListener("click", () => {
      button.dataset.words.split(" ").forEach((word, i) => {
        boxes[i].value = word;
      });
      answer();
    }));
  answer();
})();
"""


def player(
    space: WordSpace,
    words: Sequence[str],
    questions: Sequence[tuple[str, str, str]],
) -> str:
    """Make a picture in which the reader asks for analogies.

    It carries the vectors of its words and does the arithmetic of
    :func:`transformer_course.embeddings.analogy` in the reader's browser.

    Args:
        space: Where the vectors come from.
        words: Words that can be asked about and answered.
        questions: Triples (a, b, c), each a button; the first is shown.

    Returns:
        HTML that needs nothing from outside itself.

    Raises:
        ValueError: A word is not in the space, a question's is not among
            ``words``, or there is no question.
    """
    missing = {w for q in questions for w in q} - set(words)
    if missing:
        raise ValueError(f"questions ask for words not given: {missing}")
    if not questions:
        raise ValueError("questions must have at least one question")
    vectors = space.units(words).double().numpy()
    steps = np.rint(vectors / np.abs(vectors).max() * 32767).astype("<i2")
    data = {
        "words": list(words),
        "width": vectors.shape[1],
        "vectors": base64.b64encode(steps.tobytes()).decode("ascii"),
    }
    # "</" would end the script element early.
    payload = json.dumps(data).replace("</", "<\\/")
    return (
        '<div class="tc-analogy" role="group" aria-label="Ask for an analogy"'
        f' data-lm-suppress-shortcuts="true"><style>{_STYLE}</style>'
        f"{_asking(words, questions)}<ol></ol>"
        '<p class="tc-note" role="status">This picture needs scripts.</p>'
        f'<script type="application/json" class="tc-data">{payload}</script>'
        f"<script>{_SCRIPT}</script></div>"
    )


def _asking(
    words: Sequence[str], questions: Sequence[tuple[str, str, str]]
) -> str:
    options = "".join(
        f'<option value="{html.escape(word)}">' for word in sorted(words)
    )
    a, b, c = (html.escape(word) for word in questions[0])
    box = (
        '<input type="text" list="tc-analogy-words" autocomplete="off" '
        'autocapitalize="none" spellcheck="false" class="tc-word-{0}" '
        'aria-label="{1}" value="{2}">'
    )
    buttons = "".join(
        f'<button type="button" data-words="{html.escape(" ".join(q))}">'
        f"{html.escape(q[1])} − {html.escape(q[0])} + {html.escape(q[2])}"
        "</button>"
        for q in questions
    )
    return (
        f'<datalist id="tc-analogy-words">{options}</datalist>'
        f'<div class="tc-row">{box.format("a", "first word", a)} is to '
        f"{box.format('b', 'second word', b)} as "
        f"{box.format('c', 'third word', c)} is to …</div>"
        '<div class="tc-row"><label><input type="checkbox" class="tc-leave">'
        "leave out the three inputs</label></div>"
        f'<div class="tc-row">{buttons}</div>'
    )
