/* Answering from the keyboard: what opens takes the focus, and Ctrl+Enter sends from inside a text. */
(() => {
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches("details[data-focus]") || !event.target.open) return;
    if ("byItself" in event.target.dataset) { delete event.target.dataset.byItself; return; }
    const field = event.target.querySelector("input:not([type=hidden]), select, textarea");
    field?.focus();
    if (field?.tagName === "TEXTAREA") field.setSelectionRange(field.value.length, field.value.length);
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

  /* What an edit changes is shown beside each field: what was taken out, what was put in, among the words that stay. */
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
    line.replaceChildren(...(was === now ? [] : changed(was, now)));
  });
  function changed(was, now) {
    const [old, put] = [was, now].map((text) => text.match(/\s+|[^\s]+/g) ?? []);
    const room = Math.min(old.length, put.length);
    let head = 0, tail = 0;
    while (head < room && old[head] === put[head]) head++;
    while (tail < room - head && old.at(-1 - tail) === put.at(-1 - tail)) tail++;
    const middle = (words) => words.slice(head, words.length - tail).join("");
    const [gone, come] = [marked("del", middle(old)), marked("ins", middle(put))];
    return [old.slice(0, head).join(""), ...gone, ...(gone.length && come.length ? [" → "] : []), ...come,
      old.slice(old.length - tail).join("")];
  }
  function marked(name, text) {
    if (!text) return [];
    const mark = document.createElement(name);
    mark.textContent = text;
    return [mark];
  }
})();
