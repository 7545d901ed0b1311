/* The queue: what was decided leads to the next row by itself; x ticks; the minutes on an agent are counted while somebody is there. */
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const rows = () => $$(".rows [data-row]");
  const detail = $("#detail");
  let open = $(".rows .on")?.id ?? null;
  let place = 0;

  function mark() {
    for (const [at, row] of rows().entries()) {
      row.classList.toggle("on", row.id === open);
      if (row.id === open) place = at;
    }
  }
  mark();

  /* What is opened has its own address (htmx's own history would write inline styles, which the policy refuses), and
     its row stays marked when the list reads itself again. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[hx-get]");
    if (!link || event.ctrlKey || event.metaKey) return;
    if (link.href !== location.href) history.pushState(null, "", link.href);
    open = link.closest("[data-row]")?.id ?? open;
    mark();
  }, true);
  addEventListener("popstate", () => location.reload());
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === detail) { detail.scrollTop = 0; if (matchMedia("(max-width: 760px)").matches) scrollTo(0, 0); }
    mark();
    look();
  });

  /* Of two opened in haste the later is shown, whichever answer comes last. */
  let asked = null;
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.target === detail) asked = event.detail.xhr; });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target === detail && event.detail.xhr !== asked) event.detail.shouldSwap = false;
  });

  /* Decided: the row goes, with those that asked the same; the one after it opens, or the list says that none is left. */
  document.body.addEventListener("rollcall:decided", (event) => {
    const { rows: decided } = event.detail;
    const next = after(...decided);
    for (const id of decided) document.getElementById(id)?.remove();
    /* Else htmx would put the cursor into the next one's field of the same name, and her keys would be typed there. */
    if (detail?.contains(document.activeElement)) document.activeElement.blur();
    if (next) $("a", next).click();
    else { detail.replaceChildren(); history.pushState(null, "", $(".side [data-key=q]").href); }
  });

  /* The item that comes next is asked for while she reads: anew when its row says something else, and twice a minute.
     Not a day: it lists the very item that she is deciding. */
  const AGAIN_MS = 30_000, STALE_MS = 60_000;
  let ahead = {};
  function after(id, ...alike) {
    const others = rows().filter((row) => row.id !== id && !alike.includes(row.id));
    /* Where the list has read itself again already, the next one stands in the place of this one. */
    const found = rows().findIndex((row) => row.id === id);
    const at = found < 0 ? place : found;
    /* A day of which every item is decided closes by itself. */
    const asks = (row) => $("[id^=item-]", row.closest(".group"));
    return others.slice(at).find(asks) ?? others.find(asks) ?? others[at] ?? others[0];
  }
  async function look() {
    const next = open && !document.hidden && after(open);
    if (!next?.id.startsWith("item-") || (ahead.says === next.textContent && ahead.href === $("a", next).href && Date.now() - ahead.at < AGAIN_MS)) return;
    const asked = ahead = { href: $("a", next).href, says: next.textContent, at: Date.now() };
    const answer = await fetch(asked.href, { headers: { "HX-Request": "true", "HX-Target": "detail" } }).catch(() => null);
    if (answer?.ok) asked.html = await answer.text();
  }
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { href, html, at } = ahead;
    if (event.target.href !== href || !html || Date.now() - at > STALE_MS) return;
    event.preventDefault();
    ahead = {};
    htmx.swap(detail, html, { swapStyle: "innerHTML" });
  });
  addEventListener("load", look);

  /* Ticks survive the list reading itself again: what differs from how the page draws it is remembered. Days are drawn
     ticked, items (data-off) not. */
  const changed = new Set();
  const drawn = (box) => !box.matches("[data-off]");
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-tick]")) changed[box.checked === drawn(box) ? "delete" : "add"](box.value);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const box of $$("[data-tick]")) box.checked = drawn(box) !== changed.has(box.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const box = $(".rows .sel [data-tick]");
    if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
  });

  /* Minutes: a beat while the page is seen and its person did something within the last minute; leaving counts what
     is left of one, or a brisk round, whose pages last less than a beat, would take no time. */
  const BEAT_S = 15;
  let active = Date.now(), beaten = Date.now();
  for (const name of ["pointermove", "keydown", "scroll"]) addEventListener(name, () => { active = Date.now(); }, { passive: true });
  function beat() {
    const now = Date.now(), seconds = Math.min(Math.round((now - beaten) / 1000), BEAT_S);
    beaten = now;
    const agent = $("[data-agent]")?.dataset.agent;
    if (!agent || !seconds || document.hidden || now - active > 60_000) return;
    const body = new URLSearchParams({ agent, seconds });
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch($("[data-activity]").dataset.activity, { method: "POST", body, headers, keepalive: true }).catch(() => {});
  }
  setInterval(beat, BEAT_S * 1000);
  addEventListener("pagehide", beat);
})();
