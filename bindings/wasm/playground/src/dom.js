// Elements without a framework. Texts go in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** A table: heads, and rows of cells. A head that begins with `#` is of numbers. */
export function table(caption, heads, rows) {
  const numeric = heads.map((head) => head.startsWith("#"));
  const cell = (value, at) => h("td", { class: numeric[at] ? "number" : undefined }, value);
  return h(
    "div",
    { class: "scroller", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, heads.map((head, at) => h("th", { scope: "col", class: numeric[at] ? "number" : undefined }, head.replace(/^#/, ""))))),
      h("tbody", {}, rows.map((row) => (row instanceof Node ? row : h("tr", {}, row.map(cell))))),
    ),
  );
}
