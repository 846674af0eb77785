// Small helpers over createElement. There is no way to pass markup.

const SVG = "http://www.w3.org/2000/svg";

export const by = (id) => document.getElementById(id);

/** An element with attributes and children (nodes or text). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(label, kind, act) {
  const element = make("button", { type: "button", class: kind }, label);
  element.addEventListener("click", act);
  return element;
}

const PATHS = {
  shield: ["M12 3 19.5 5.400v6c0 4.600-3 7.700-7.500 9.600-4.500-1.900-7.500-5-7.500-9.600v-6z", "m8.800 12 2.300 2.300 4.200-4.600"],
  ash: ["M5 19h14", "M8 15.500h.01M12 13h.01M16 15.500h.01M10 9.500h.01M14.500 9h.01M12 5.500h.01"],
};

/** A drawing from the list above, hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name]) svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", d);
  return svg;
}

/** A ring that empties: `ring.set(fraction)`. */
export function ring() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "ring");
  svg.setAttribute("aria-hidden", "true");
  const [track, arc] = ["track", "arc"].map((name) => {
    const circle = svg.appendChild(document.createElementNS(SVG, "circle"));
    for (const [key, value] of [["cx", 10], ["cy", 10], ["r", 7.5], ["pathLength", 100]]) circle.setAttribute(key, String(value));
    circle.setAttribute("class", name);
    return circle;
  });
  track.removeAttribute("pathLength");
  return { svg, set: (fraction) => setArc(arc, fraction) };
}

/** The large dial of a question: `NAME-ring` empties around the number in `NAME-left`. */
export function dial(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 96 96");
  svg.setAttribute("aria-hidden", "true");
  for (const kind of ["track", "arc"]) {
    const circle = svg.appendChild(document.createElementNS(SVG, "circle"));
    for (const [key, value] of [["class", kind], ["cx", "48"], ["cy", "48"], ["r", "42"]]) circle.setAttribute(key, value);
    if (kind === "arc") circle.setAttribute("pathLength", "100");
    if (kind === "arc") circle.id = `${name}-ring`;
  }
  return make("div", { class: "dial" }, svg, make("span", { id: `${name}-left`, "aria-hidden": "true" }));
}

/** A black and white matrix (rows of 0 and 1) as a picture with a white border. */
export function matrix(rows, label) {
  const size = rows.length + 8;
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["viewBox", `0 0 ${size} ${size}`], ["role", "img"], ["aria-label", label], ["class", "matrix"], ["shape-rendering", "crispEdges"]]) svg.setAttribute(key, value);
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  const dark = rows.flatMap((row, y) => [...row].map((bit, x) => (bit === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")));
  path.setAttribute("d", dark.join(""));
  return svg;
}

export function setArc(arc, fraction) {
  arc.style.strokeDashoffset = String(100 - 100 * Math.min(1, Math.max(0, fraction)));
}
