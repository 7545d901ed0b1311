/* Loaded before paint: the theme chosen here, else the system's. */
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { root.dataset.bsTheme = localStorage.getItem("theme") || (system.matches ? "dark" : "light"); };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    localStorage.setItem("theme", root.dataset.bsTheme === "dark" ? "light" : "dark");
    apply();
    document.dispatchEvent(new CustomEvent("rollcall:theme"));
  });
})();
