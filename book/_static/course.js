// What the book adds to the theme's behaviour.
(() => {
  "use strict";

  // A page opened as a file may not read other files, so a search there
  // lists its hits without the lines around them.
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS === "object") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  // What scrolls sideways can be reached with the keyboard.
  const reachable = () => {
    const wide =
      "div.math mjx-container, .text_html, dt.sig, .pst-scrollable-table-container";
    document.querySelectorAll(wide).forEach((box) => {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
      } else {
        box.removeAttribute("tabindex");
      }
    });
  };
  // Names for screen readers that say what is on the screen.
  const name = () => {
    document
      .querySelectorAll("details.hide > summary[aria-label]")
      .forEach((summary) => summary.removeAttribute("aria-label"));
    document
      .querySelectorAll("input.task-list-item-checkbox")
      .forEach((box) => {
        box.setAttribute("aria-label", box.parentElement.textContent.trim());
      });
    // An arrow beside a page of the contents opens the pages under it.
    document.querySelectorAll(".bd-links li > details > summary").forEach((arrow) => {
      const page = arrow.closest("li").querySelector("a").textContent.trim();
      arrow.setAttribute("aria-label", `Pages under ${page}`);
    });
    // An empty corner of a table heads nothing.
    document.querySelectorAll("article thead th").forEach((cell) => {
      if (cell.textContent.trim() === "" && !cell.firstElementChild?.matches("img")) {
        const corner = document.createElement("td");
        corner.className = cell.className;
        cell.replaceWith(corner);
      }
    });
    // Sphinx sets the arguments of a long signature as a list without terms.
    document.querySelectorAll("dt.sig dl, dt.sig dl > dd").forEach((part) => {
      const block = document.createElement("div");
      block.className = part.tagName === "DD" ? "sig-argument" : "";
      block.append(...part.childNodes);
      part.replaceWith(block);
    });
    // docutils gives the list of works roles that are now deprecated.
    document
      .querySelectorAll(".citation-list, .citation-list > [role]")
      .forEach((entry) => entry.removeAttribute("role"));
  };
  // A box is coloured by the word that its title opens with. (Sphinx makes a
  // class of a title only where the box has no other class.)
  const colour = () => {
    document.querySelectorAll(".admonition > .admonition-title").forEach((title) => {
      const word = title.textContent.trim().toLowerCase().match(/^[a-z]+/);
      if (word && ["answer", "predict", "deeper"].includes(word[0])) {
        title.parentElement.classList.add(`box-${word[0]}`);
      }
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    name();
    colour();
  });

  window.addEventListener("load", () => {
    const ready = window.MathJax?.startup?.promise ?? Promise.resolve();
    ready.then(reachable);
    window.addEventListener("resize", reachable);
  });
})();
