/* Answering from the keyboard: what opens takes the focus, and Ctrl+Enter sends from inside a text. */
(() => {
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches("details[data-focus]") || !event.target.open) return;
    event.target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const buttons = event.target.closest("[data-sends]")?.querySelectorAll("button[name=kind]") ?? [];
    const button = [...buttons].find((each) => each.offsetParent);
    if (button) { event.preventDefault(); button.click(); }
  });
})();
