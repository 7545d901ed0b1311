/* The curve of a figure, redrawn when the theme changes. The table beside it says the same. */
(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const still = matchMedia("(max-width: 760px)").matches;
  const lines = {
    value: () => ({ line: { color: token("--rc-accent"), width: 2 } }),
    trend: () => ({ line: { color: token("--rc-muted"), width: 1.5, dash: "dot" }, hoverinfo: "skip" }),
    limit: () => ({ line: { color: token("--rc-wait"), width: 1.5, dash: "dash" }, fillcolor: "rgba(34, 197, 94, .12)" }),
    best: () => ({ line: { color: token("--rc-ok"), width: 1, dash: "dash" } }),
  };

  function dressed(trace) {
    const look = lines[trace.meta]();
    if (trace.meta !== "value") return { ...trace, ...look };
    const of = (missed, met) => trace.customdata.map((miss) => (miss ? missed : met));
    const marker = { color: of(token("--rc-bad"), token("--rc-accent")), symbol: of("x", "circle"), size: of(10, 5) };
    return { ...trace, ...look, marker };
  }

  function draw() {
    const data = document.getElementById("kpi-data");
    const place = document.getElementById("kpi-chart");
    if (!data || !place || !window.Plotly) return;
    const figure = JSON.parse(data.textContent);
    place.style.height = `${figure.layout.height}px`; // when the window changes, Plotly asks the page instead of the figure
    const axis = { gridcolor: token("--rc-hair"), zerolinecolor: token("--rc-line"), linecolor: token("--rc-line"), fixedrange: true };
    const layout = {
      ...figure.layout,
      paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { family: getComputedStyle(document.body).fontFamily, size: 11, color: token("--rc-muted") },
      margin: { l: 8, r: 14, t: 6, b: 8 }, hovermode: "x unified", hoverlabel: { bgcolor: token("--rc-surface"), bordercolor: token("--rc-line"), font: { color: token("--rc-text") } },
      legend: { orientation: "h", y: -0.16 }, xaxis: { ...axis, type: "date", automargin: true }, yaxis: { ...axis, ...figure.layout.yaxis, automargin: true },
    };
    window.Plotly.react(place, figure.data.map(dressed), layout, { displayModeBar: false, responsive: true, staticPlot: still, locale: document.documentElement.lang });
  }

  addEventListener("load", draw);
  document.addEventListener("rollcall:theme", draw);
})();
