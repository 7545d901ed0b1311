/* The time line of a run, redrawn when the region is re-read or the theme changes; what was open stays open. */
(() => {
  const colours = {
    confirmed: "--rc-ok", failed: "--rc-bad", waiting: "--rc-wait", running: "--rc-run", unknown: "--rc-bad", skipped: "--rc-muted",
  };
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const still = matchMedia("(max-width: 760px)").matches;

  function dressed(trace) {
    const colour = token(colours[trace.meta] || "--rc-muted");
    if (trace.type === "scatter") return { ...trace, marker: { color: colour, size: 11, symbol: "triangle-up" } };
    const edge = trace.customdata.map((critical) => (critical ? 1.5 : 0));
    return { ...trace, width: 0.6, marker: { color: colour, opacity: 0.85, line: { color: token("--rc-accent"), width: edge } } };
  }

  function draw() {
    const data = document.getElementById("timeline-data");
    const place = document.getElementById("timeline");
    if (!data || !place || !window.Plotly) return;
    const figure = JSON.parse(data.textContent);
    place.style.height = `${figure.layout.height}px`; // when the window changes, Plotly asks the page instead of the figure
    const ink = token("--rc-muted");
    const axis = { gridcolor: token("--rc-hair"), zerolinecolor: token("--rc-line"), linecolor: token("--rc-line"), fixedrange: true };
    const layout = {
      ...figure.layout,
      paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { family: getComputedStyle(document.body).fontFamily, size: 11, color: ink },
      margin: { l: 8, r: 14, t: 6, b: 36 }, hoverlabel: { bgcolor: token("--rc-surface"), bordercolor: token("--rc-line"), font: { color: token("--rc-text") } },
      xaxis: { ...axis, ...figure.layout.xaxis }, yaxis: { ...axis, ...figure.layout.yaxis, automargin: true, ticksuffix: "  " },
    };
    window.Plotly.react(place, figure.data.map(dressed), layout, { displayModeBar: false, responsive: true, staticPlot: still });
  }

  addEventListener("load", draw);
  document.addEventListener("rollcall:theme", draw);
  document.addEventListener("htmx:afterSwap", draw);

  /* A region that re-reads itself must not close what somebody reads, nor a dialog somebody writes in. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.querySelector(":popover-open")) event.preventDefault();
  });
  let open = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.target.querySelectorAll("details[open][id]")].map((each) => each.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });

  /* A link to a step opens it. */
  function reveal() {
    const target = location.hash.startsWith("#step-") && document.getElementById(location.hash.slice(1));
    if (target) { target.open = true; target.scrollIntoView({ block: "start" }); }
  }
  addEventListener("hashchange", reveal);
  addEventListener("load", reveal);
})();
