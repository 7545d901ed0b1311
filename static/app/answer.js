/* Answering from the keyboard: what opens takes the focus, and Ctrl+Enter sends from inside a text. */
(() => {
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches("details[data-focus]") || !event.target.open) return;
    event.target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const buttons = event.target.closest("[data-sends]")?.querySelectorAll("button[name=kind], button.btn-primary") ?? [];
    const button = [...buttons].find((each) => each.checkVisibility());
    if (button) { event.preventDefault(); button.click(); }
  });

  /* A digit picks an answer of the first question that offers a few. */
  document.addEventListener("keydown", (event) => {
    if (!/^[1-9]$/.test(event.key) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]), select, textarea")) return;
    const first = document.querySelector("#answer .fields input[type=radio]");
    if (!first || !first.checkVisibility()) return;
    document.querySelectorAll(`#answer input[name="${CSS.escape(first.name)}"]`)[event.key - 1]?.click();
  });

  /* What an edit changes is shown beside each field: what the agent wrote, and what it is now. */
  function before(field) {
    if (field.tagName !== "SELECT") return field.defaultValue;
    return [...field.options].find((option) => option.defaultSelected)?.text ?? "";
  }
  document.addEventListener("input", (event) => {
    const field = event.target;
    const place = field.closest("details.edit .field");
    if (!place || /radio|checkbox/.test(field.type)) return;
    const was = before(field);
    const now = field.tagName === "SELECT" ? field.selectedOptions[0].text : field.value;
    const line = place.querySelector(".diff") ?? place.appendChild(document.createElement("p"));
    line.className = "diff";
    const [gone, come] = [document.createElement("del"), document.createElement("ins")];
    gone.textContent = was;
    come.textContent = now;
    line.replaceChildren(...(was === now ? [] : [gone, " → ", come]));
  });
})();
