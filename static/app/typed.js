/* What somebody typed and has not sent is put back: after a lost session, an error, or something else opened meanwhile. */
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const said = () => htmx.trigger(document.body, "rollcall:said", { lines: [{ text: $("#words").dataset.restored, level: "info" }] });

  /* Typed text outlives a lost session: kept when a form is sent, or when a request of the page finds the session gone,
     and put back after the sign-in page, or an error, was shown. With its revision: what others saved meanwhile stays. */
  const DRAFT = "rollcall:draft";
  const skipped = ["password", "file", "hidden", "submit"];
  const kept = (field) => field.name && (field.name === "revision" || !skipped.includes(field.type));
  const fields = (form) => [...form.elements].filter(kept);
  const typedIn = (those) => those.map((field) => [field.name, field.type, field.value, field.checked]);
  function keep(form) {
    if (form.matches("[data-typed][hx-post]")) return; // it waits by itself, below
    const typed = typedIn(fields(form));
    sessionStorage.setItem(DRAFT, JSON.stringify({ path: location.pathname, form: form.id || form.action, typed }));
  }
  /* The fields of the form that hold it now. */
  function fill(form, typed) {
    return typed.map(([name, type, value, checked]) => {
      const same = fields(form).filter((field) => field.name === name);
      const ticks = type === "checkbox" || type === "radio";
      const field = ticks ? same.find((each) => each.value === value) : same[0];
      if (field && ticks) field.checked = checked;
      else if (field) field.value = value;
      return field;
    }).filter(Boolean);
  }
  function restore(draft) {
    const form = $$("form").find((each) => (each.id || each.action) === draft.form);
    if (!form) return;
    fill(form, draft.typed);
    form.closest("[popover]")?.showPopover();
    form.closest("details")?.setAttribute("open", "");
    said();
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.closest("[data-entrance]")) keep(event.target);
  }, true);
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const form = event.target.closest("form") || document.activeElement.form;
    if (event.detail.xhr.status === 401 && form) keep(form);
  });
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) || "null");
  if (draft && $("[data-entrance], [data-keep]")) {
    sessionStorage.setItem(DRAFT, JSON.stringify({ ...draft, lost: true }));
  } else if (draft) {
    if (draft.lost && draft.path === location.pathname) restore(draft);
    if (!draft.lost || draft.path === location.pathname) sessionStorage.removeItem(DRAFT);
  }

  /* What is half typed into a form with data-typed waits while its person opens something else, until it is sent: only
     what differs from how the page drew it, and for nobody else who signs in here. A form with data-begun begins with
     what she has just asked for instead; one with data-sent came back as she sent it, and all of it waits. */
  const slot = (form) => `rollcall:typed:${document.body.dataset.user}:${form.dataset.typed}`;
  function asDrawn(field) {
    if (field.tagName === "SELECT") {
      const options = [...field.options];
      const first = !field.multiple && !options.some((each) => each.defaultSelected); // then a browser takes the first
      return options.every((each, n) => each.selected === (each.defaultSelected || (first && n === 0)));
    }
    return /checkbox|radio/.test(field.type) ? field.checked === field.defaultChecked : field.value === field.defaultValue;
  }
  function hold(form) {
    const typed = typedIn(fields(form).filter((field) => form.matches("[data-sent]") || !asDrawn(field)));
    if (typed.length) sessionStorage.setItem(slot(form), JSON.stringify(typed));
    else sessionStorage.removeItem(slot(form));
  }
  document.addEventListener("input", ({ target: { form } }) => {
    if (form?.matches("[data-typed]")) hold(form);
  });
  document.addEventListener("htmx:load", ({ target }) => {
    for (const form of $$("form[data-typed][data-sent]", target)) hold(form);
    for (const form of $$("form[data-typed]:not([data-begun], [data-sent])", target)) {
      const filled = fill(form, JSON.parse(sessionStorage.getItem(slot(form)) || "[]"));
      for (const field of filled) {
        const fold = field.closest("details:not([open])");
        // What opens for her takes the focus; what opens by itself leaves her keys alone.
        if (fold) { fold.dataset.byItself = ""; fold.open = true; }
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      if (!filled.every(asDrawn)) said();
    }
  });
  document.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-typed]:not([hx-post])")) sessionStorage.removeItem(slot(target));
  });
  document.addEventListener("htmx:beforeOnLoad", ({ target, detail }) => {
    if (target.matches("[data-typed]") && detail.xhr.status < 400) sessionStorage.removeItem(slot(target));
  });
})();
