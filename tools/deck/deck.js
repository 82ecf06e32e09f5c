// Light or dark, mathematics, then reveal.js. Nothing is asked of a network.
(() => {
  "use strict";
  const root = document.documentElement;
  const printing = /print-pdf/i.test(location.search);
  const remembered = () => {
    try {
      return localStorage.getItem("slides-theme");
    } catch {
      return null; // a page opened as a file may keep nothing
    }
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => {
    root.dataset.theme = printing ? "light" : theme;
  };
  const choose = () => show(remembered() || (dark.matches ? "dark" : "light"));
  choose();
  dark.addEventListener("change", choose);
  const toggle = () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("slides-theme", theme);
    } catch {
      // as above
    }
    show(theme);
  };

  window.MathJax = {
    tex: {
      inlineMath: [["\\(", "\\)"]],
      displayMath: [["\\[", "\\]"]],
    },
    // A hidden slide cannot be measured.
    chtml: { matchFontHeight: false },
    options: { enableMenu: false, skipHtmlTags: { "[+]": ["aside"] } },
  };

  // Wide formulas are set smaller, as a typesetter would; text never is.
  const fit = () => {
    document.querySelectorAll(".content mjx-container[display]").forEach((formula) => {
      const room = formula.closest(".content").clientWidth;
      const wide = formula.scrollWidth;
      if (room && wide > room) {
        formula.style.fontSize = `${Math.floor((100 * room) / wide)}%`;
      }
    });
  };

  window.addEventListener("load", async () => {
    if (!window.Reveal) return; // the list of decks
    await window.MathJax.startup?.promise;
    await Reveal.initialize({
      width: 1280,
      height: 720,
      margin: 0,
      center: false,
      hash: true,
      slideNumber: "c/t",
      transition: "none",
      backgroundTransition: "none",
      pdfSeparateFragments: false,
      pdfMaxPagesPerSlide: 1,
      plugins: window.RevealNotes ? [RevealNotes] : [],
    });
    Reveal.addKeyBinding(
      { keyCode: 84, key: "T", description: "Light or dark" },
      toggle,
    );
    fit();
    root.dataset.ready = "yes";
  });
})();
