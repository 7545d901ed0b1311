/* Keys, live regions, toasts. No eval, no inline handlers (strict CSP). */
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = $("#words").dataset;

  function toast(text, level = "error") {
    const line = document.createElement("div");
    line.className = `toastline toast-${level}`;
    const said = document.createElement("span");
    said.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.dataset.dismiss = "";
    close.textContent = "×";
    line.append(said, close);
    $("#toasts").append(line);
    fade();
  }

  /* Good news leaves by itself; bad news stays until it is dismissed. */
  function fade() {
    for (const line of $$(".toast-success, .toast-info")) setTimeout(() => line.remove(), 8000);
  }
  fade();
  document.body.addEventListener("rollcall:said", ({ detail }) => {
    for (const { text, level } of detail.lines) toast(text, level);
  });

  /* Clicks: dismiss a toast, copy a text. Dialogs are popovers and need no script. */
  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.parentElement.remove();
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText($(copy.dataset.copy).value).then(() => { copy.textContent = words.copied; });
  });
  document.addEventListener("change", (event) => {
    // From the keyboard a list changes with every arrow: there its button sends it.
    if (event.target.matches("[data-autosubmit]:not(:focus-visible)")) event.target.form.requestSubmit();
    if (event.target.matches("[data-check-all]")) {
      for (const box of $$(event.target.dataset.checkAll)) box.checked = event.target.checked;
    }
  });

  /* A dialog whose form was refused comes back open; an empty time zone is the browser's own. */
  for (const dialog of $$("[popover][data-open]")) dialog.showPopover();
  for (const zone of $$("[data-zone][required]")) zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;

  /* Answers of the server: 409 and 422 are fragments of the page; other errors bring their own toast or become one. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status < 400 || xhr.status === 409 || xhr.status === 422 || xhr.getResponseHeader("HX-Retarget")) return;
    event.detail.shouldSwap = false;
    toast(words.answer);
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const number = $("main > .number code");
    if (!number || !(detail.xhr?.status >= 400)) return;
    number.textContent = detail.xhr.getResponseHeader("X-Request-Id");
    numbered();
  });

  /* The number of a refused request stands at the first of what was refused: at the foot of a long page nobody sees it. */
  function numbered() {
    $(".number.here")?.remove();
    const foot = $("main > .number");
    const first = foot && $$("main :is([role=alert], .errorlist)").find((each) => each.checkVisibility());
    if (!first) return;
    const here = foot.cloneNode(true);
    here.classList.add("here");
    first.after(here);
  }
  numbered();
  document.addEventListener("htmx:sendError", () => toast(words.offline));

  /* Live: the stream carries names; a region with data-live asks only for its own. A stream keeps one of the six
     connections a browser allows to a server, so one tab holds it and tells the others. */
  const liveUrl = document.body.dataset.liveUrl;
  const tabs = new BroadcastChannel("rollcall:live");
  function nudge(name) {
    for (const region of $$('[hx-trigger*="sse:live"]')) {
      const wanted = region.dataset.live;
      if (!wanted || wanted.split(" ").includes(name)) htmx.trigger(region, "sse:live");
    }
  }
  function listen() {
    const stream = new EventSource(liveUrl);
    stream.addEventListener("live", (event) => {
      const { name } = JSON.parse(event.data);
      nudge(name);
      tabs.postMessage(name);
    });
    // A browser comes back by itself after a lost connection, but not after an answer such as 503.
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 10000);
    });
  }
  tabs.addEventListener("message", (event) => nudge(event.data));
  if (liveUrl) addEventListener("load", () => {
    if (navigator.locks) navigator.locks.request("rollcall:live", () => new Promise(listen));
    else listen(); // a browser without locks, or plain http beyond this machine
  });

  /* A region that reads itself again gives the focus back: to the same place below the nearest thing with an id. */
  const FOCUSABLE = "a, button, summary, input, select, textarea";
  let held = null;
  document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
    /* Not under a finger: a link replaced between press and release is never clicked. Asked again when it is up. */
    if (target.matches('[hx-trigger*="sse:live"]:active')) {
      detail.shouldSwap = false;
      setTimeout(() => htmx.trigger(target, "sse:live"), 500);
      return;
    }
    const at = document.activeElement;
    const root = target.matches('[hx-trigger*="sse:live"]') && target.contains(at) && at.closest("[id]");
    held = root && { id: root.id, place: $$(FOCUSABLE, root).indexOf(at) };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const root = held && document.getElementById(held.id);
    if (root) $$(FOCUSABLE, root)[held.place]?.focus({ preventScroll: true });
    held = null;
  });

  /* Rows: j and k move, enter opens. The chosen row is kept by id, so that a swap does not lose it. */
  let chosen = null;
  const rows = () => $$("[data-row]").filter((row) => row.offsetParent);
  function choose(row) {
    for (const other of $$("[data-row].sel")) other.classList.remove("sel");
    if (!row) return;
    chosen = row.id;
    row.classList.add("sel");
    row.scrollIntoView({ block: "nearest" });
  }
  function move(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.id === chosen);
    choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }
  function open() {
    const row = chosen && document.getElementById(chosen);
    $("a", row || undefined)?.closest("[data-row]") && $("a", row).click();
  }
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) choose(row);
  });
  document.addEventListener("htmx:afterSettle", () => { if (chosen) choose(document.getElementById(chosen)); });

  /* Keys: g + letter goes to a page; data-hotkey names the button a letter presses. */
  let going = 0;
  const plain = { j: () => move(1), k: () => move(-1), Enter: open, "?": () => $("#keys")?.togglePopover(), "/": search };
  function search() { $("[data-search]")?.focus(); }
  function go(letter) {
    const page = $(`.side [data-key="${CSS.escape(letter)}"]`);
    if (page) location.href = page.href;
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (Date.now() - going < 1500) { going = 0; go(event.key); return; }
    if (event.key === "g") { going = Date.now(); return; }
    const button = /^[a-z0-9]$/.test(event.key) && $$(`[data-hotkey="${event.key}"]`).find((each) => each.checkVisibility());
    const act = button ? () => button.click() : plain[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  /* A form is sent once; the way back re-arms it. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post], [data-download]")) return;
    setTimeout(() => { for (const button of $$("button:not([type=button])", form)) button.disabled = true; });
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const button of $$("form button:disabled")) button.disabled = false;
  });
})();
