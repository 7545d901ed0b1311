/* Inside Plotly, d3 v3 calls setAttribute("style"), which a strict CSP refuses; the same text through CSSOM is allowed. */
(() => {
  const set = Element.prototype.setAttribute;
  SVGElement.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else set.call(this, name, value);
  };
})();
