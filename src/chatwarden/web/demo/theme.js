// Light, dark, or as the system says. A classic script in the head, so that the page never flashes the wrong one.
// It runs before the modules, so it takes its words from the table itself.
// The choice lives in this tab only.
(() => {
  const KEY = "chatwarden.theme";
  const THEMES = ["auto", "light", "dark"];
  const NEXT = { auto: "dark", dark: "light", light: "auto" };

  function chosen() {
    const kept = sessionStorage.getItem(KEY);
    return THEMES.includes(kept) ? kept : "auto";
  }

  function apply(theme) {
    document.documentElement.dataset.theme = theme;
  }

  apply(chosen());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    const label = () => button.setAttribute("aria-label", window.chatwardenStrings[`theme.${chosen()}`]);
    label();
    button.addEventListener("click", () => {
      // The first press must change something: from "auto" it goes to what the system does not show.
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      const order = dark ? { auto: "light", light: "dark", dark: "auto" } : NEXT;
      sessionStorage.setItem(KEY, order[chosen()]);
      apply(chosen());
      label();
    });
  });
})();
