"""A picture that the reader steps through, one frame at a time.

Plain HTML, styles and script without anything from outside: it works on the
built site, on a phone, from a file and in JupyterLab. Where scripts do not
run, all frames stand below each other.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from transformer_course.plotting import style
from transformer_course.reporting import show_html

# Frames share one grid cell, so that the buttons stay put under the finger.
_STYLE = (
    style.card_css("tc-stepper")
    + """\
.tc-stepper .tc-frames { overflow-x: auto; padding: 0.2rem; }
.tc-stepper .tc-frame + .tc-frame { margin-top: 1rem; }
.tc-stepper.tc-live .tc-frames {
  display: grid; grid-template-columns: minmax(0, 1fr);
}
.tc-stepper.tc-live .tc-frame {
  grid-area: 1 / 1; visibility: hidden; margin: 0;
}
.tc-stepper.tc-live .tc-frame.tc-now { visibility: visible; }
.tc-stepper .tc-caption { margin: 0 0 0.5rem; font-weight: 600; }
.tc-stepper .tc-controls { display: none; }
.tc-stepper.tc-live .tc-controls {
  display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center;
  margin-top: 0.6rem;
}
.tc-stepper button {
  font: inherit; color: var(--tc-ink); background: var(--tc-raised);
  border: 1px solid var(--tc-line); border-radius: 0.3rem;
  min-height: 2.75rem; min-width: 4.6rem; padding: 0 0.6rem; cursor: pointer;
}
.tc-stepper button[aria-disabled="true"] {
  border-style: dashed; cursor: default;
}
.tc-stepper input[type="range"] {
  flex: 1 1 8rem; min-width: 8rem; min-height: 2.75rem; margin: 0;
  accent-color: var(--pst-color-primary, #0072b2);
}
.tc-stepper :focus-visible {
  outline: 3px solid var(--pst-color-primary, #0072b2); outline-offset: 2px;
}
.tc-stepper .tc-count { min-width: 4.5rem; text-align: right; }
"""
)

_SCRIPT = """
(() => {
  const root = document.currentScript.closest(".tc-stepper");
  if (!root || root.classList.contains("tc-live")) return;
  const frames = [...root.querySelectorAll(".tc-frame")];
  const find = (part) => root.querySelector(".tc-" + part);
  const [back, next, play] = ["back", "next", "play"].map(find);
  const [slider, count, voice] = ["slider", "count", "voice"].map(find);
  let now = Number(slider.value), timer = null;
  const show = (i, say) => {
    now = Math.max(0, Math.min(frames.length - 1, i));
    frames.forEach((f, k) => f.classList.toggle("tc-now", k === now));
    const caption = frames[now].dataset.caption;
    slider.value = now;
    count.textContent = `${now + 1} of ${frames.length}`;
    slider.setAttribute("aria-valuetext", `${count.textContent}: ${caption}`);
    back.setAttribute("aria-disabled", now === 0);
    next.setAttribute("aria-disabled", now === frames.length - 1);
    if (say) voice.textContent = slider.getAttribute("aria-valuetext");
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  const start = () => {
    if (now === frames.length - 1) show(0, false);
    play.textContent = "Pause";
    timer = setInterval(() => {
      if (!root.isConnected) return stop();
      show(now + 1, false);
      if (now === frames.length - 1) stop();
    }, Number(root.dataset.pause));
  };
  back.onclick = () => { stop(); show(now - 1, true); };
  next.onclick = () => { stop(); show(now + 1, true); };
  slider.oninput = () => { stop(); show(Number(slider.value), false); };
  play.onclick = () => (timer === null ? start() : stop());
  root.addEventListener("keydown", (e) => e.stopPropagation());
  root.classList.add("tc-live");
  show(now, false);
})();
"""

_HIDDEN = (
    "position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%);white-space:nowrap"
)


def markup(
    frames: Sequence[str],
    label: str,
    *,
    captions: Sequence[str] = (),
    css: str = "",
    start: int = 0,
    pause: float = 1.2,
) -> str:
    """Lay frames out with buttons, a slider and a play button.

    Args:
        frames: HTML of each frame, already escaped where it quotes text.
        label: What the whole is called; screen readers announce it.
        captions: Plain text above each frame; none if not given.
        css: More style rules, for classes that the frames use.
        start: Index of the frame that shows first.
        pause: Seconds between frames while it plays.

    Returns:
        HTML that needs nothing from outside itself.

    Raises:
        ValueError: There is no frame, ``captions`` does not fit ``frames``,
            or ``start`` is not an index of a frame.
    """
    if not frames:
        raise ValueError("frames is empty; a stepper needs one at least")
    if captions and len(captions) != len(frames):
        raise ValueError(
            f"captions has {len(captions)} entries for {len(frames)} frames"
        )
    if not 0 <= start < len(frames):
        raise ValueError(f"start {start} is not from 0 to {len(frames) - 1}")
    parts = []
    for i, frame in enumerate(frames):
        text = html.escape(captions[i]) if captions else ""
        title = f'<p class="tc-caption">{text}</p>' if text else ""
        parts.append(
            f'<div class="tc-frame" data-caption="{text}">{title}{frame}</div>'
        )
    name = html.escape(label)
    return (
        f'<div class="tc-stepper" role="group" aria-label="{name}" '
        f'data-pause="{round(1000 * pause)}" '
        'data-lm-suppress-shortcuts="true">'
        f"<style>{_STYLE}{css}</style>"
        f'<div class="tc-frames" tabindex="0" role="group" '
        f'aria-label="{name}: frames">{"".join(parts)}</div>'
        f"{_controls(len(frames), start)}<script>{_SCRIPT}</script></div>"
    )


def _controls(n_frames: int, start: int) -> str:
    return (
        '<div class="tc-controls">'
        '<button type="button" class="tc-back">Back</button>'
        '<button type="button" class="tc-next">Next</button>'
        '<button type="button" class="tc-play">Play</button>'
        '<input type="range" class="tc-slider" aria-label="step" min="0" '
        f'max="{n_frames - 1}" value="{start}" step="1">'
        '<span class="tc-count"></span>'
        f'<span class="tc-voice" role="status" style="{_HIDDEN}"></span></div>'
    )


def show(
    frames: Sequence[str],
    label: str,
    description: str,
    *,
    captions: Sequence[str] = (),
    css: str = "",
    start: int = 0,
    pause: float = 1.2,
) -> None:
    """Show frames that the reader steps through as the cell's picture.

    Args:
        frames: HTML of each frame, already escaped where it quotes text.
        label: What the whole is called; screen readers announce it.
        description: What a reader who cannot see it should know, the finding
            included; it is also the text that a terminal shows.
        captions: Plain text above each frame; none if not given.
        css: More style rules, for classes that the frames use.
        start: Index of the frame that shows first.
        pause: Seconds between frames while it plays.

    Raises:
        ValueError: There is no frame, ``captions`` does not fit ``frames``,
            or ``start`` is not an index of a frame.
    """
    page = markup(
        frames, label, captions=captions, css=css, start=start, pause=pause
    )
    show_html(page, description)
