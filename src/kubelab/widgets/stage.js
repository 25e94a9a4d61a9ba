// The live ownership graph. Draws the score that the kernel sends (see stage.py), and moves what has moved.
const NS = "http://www.w3.org/2000/svg";
const BOX = { width: 250, height: 44 }, COLUMN = 320, ROW = 56, MARGIN = 8;

export default {
  render({ model, el }) {
    const root = el.appendChild(make("div", { class: "kubelab-stage" }));
    const svg = root.appendChild(document.createElementNS(NS, "svg"));
    svg.setAttribute("role", "group");
    const arrows = shape(svg, "g", {}), boxes = shape(svg, "g", {}), known = new Map();
    const said = root.appendChild(make("p", { role: "status", "aria-live": "polite" }));
    heads(svg);
    const redraw = () => draw(model, svg, boxes, arrows, known);
    const speak = () => {
      said.textContent = model.get("said");
      said.classList.toggle("wrong", model.get("wrong"));
    };
    const unfollow = followTheme(root, model.get("colors"));
    model.on("change:score change:chosen", redraw);
    model.on("change:said change:wrong", speak);
    redraw();
    speak();
    return unfollow;
  },
};

function shape(parent, tag, attributes, text) {
  const element = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return parent.appendChild(element);
}

function heads(svg) {
  const defs = shape(svg, "defs", {});
  for (const role of ["muted", "revision1"]) {
    const marker = { id: `kubelab-head-${role}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" };
    shape(shape(defs, "marker", marker), "path", { d: "M0 0L8 4L0 8z", fill: `var(--${role})` });
  }
}

const left = (box) => MARGIN + box.column * COLUMN;
const middle = (box) => MARGIN + box.row * ROW + BOX.height / 2;

function draw(model, svg, boxes, arrows, known) {
  const score = model.get("score"), shown = score.boxes ?? [], chosen = model.get("chosen");
  const columns = Math.max(1, ...shown.map((box) => box.column + 1)), rows = Math.max(1, ...shown.map((box) => box.row + 1));
  const width = (columns - 1) * COLUMN + BOX.width + 2 * MARGIN, height = (rows - 1) * ROW + BOX.height + 2 * MARGIN;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.maxWidth = `${width * 1.1}px`;
  svg.setAttribute("aria-label", model.get("alt"));
  const now = new Map(shown.map((box) => [box.key, box]));
  for (const [key, group] of known) if (!now.has(key)) leave(group, () => known.get(key) === group && known.delete(key));
  for (const box of shown) {
    if (!known.has(box.key) || known.get(box.key).dataset.leaving) known.set(box.key, enter(model, boxes, box));
    place(known.get(box.key), box, box.key === chosen);
  }
  arrows.replaceChildren();
  for (const arrow of score.arrows ?? []) connect(arrows, now.get(arrow.from), now.get(arrow.to), arrow.dashed);
}

function enter(model, boxes, box) {
  const group = shape(boxes, "g", { class: "box" });
  shape(group, "rect", { class: "card", width: BOX.width, height: BOX.height, rx: 5 });
  shape(group, "rect", { class: "state", x: 1, y: 5, width: 6, height: BOX.height - 10 });
  shape(group, "text", { class: "heading", x: 15, y: 17 });
  shape(group, "text", { class: "name", x: 15, y: 35 });
  shape(group, "title", {});
  if (box.kind === "Pod") {
    const choose = () => {
      model.set("chosen", box.key);
      model.save_changes();
    };
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", "0");
    group.addEventListener("click", choose);
    group.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), choose()));
  }
  group.style.transform = `translate(${left(box)}px, ${middle(box) - BOX.height / 2}px)`;
  return group;
}

function place(group, box, chosen) {
  const heading = box.note ? `${box.kind}  ·  ${box.note}` : box.kind;
  group.style.transform = `translate(${left(box)}px, ${middle(box) - BOX.height / 2}px)`;
  group.dataset.key = box.key;
  group.dataset.state = box.state;
  group.querySelector(".state").style.fill = `var(--${box.state})`;
  group.querySelector(".heading").textContent = heading;
  group.querySelector(".name").textContent = box.name.length > 34 ? `${box.name.slice(0, 22)}…${box.name.slice(-11)}` : box.name;
  group.querySelector("title").textContent = `${box.name}: ${heading}`;
  if (box.kind === "Pod") {
    group.setAttribute("aria-pressed", chosen);
    group.setAttribute("aria-label", `Pod ${box.name}, ${box.note}`);
  }
}

function leave(group, gone) {
  if (group.dataset.leaving) return;
  group.dataset.leaving = "yes";
  const end = () => (group.remove(), gone());
  group.addEventListener("transitionend", end, { once: true });
  setTimeout(end, 400); // where nothing moves, nothing ends
}

function connect(arrows, from, to, dashed) {
  if (!from || !to) return;
  const forward = to.column > from.column;
  const x1 = left(from) + (forward ? BOX.width : 0), x2 = left(to) + (forward ? 0 : BOX.width);
  const bend = (x1 + x2) / 2, role = dashed ? "revision1" : "muted";
  const d = `M${x1} ${middle(from)}C${bend} ${middle(from)} ${bend} ${middle(to)} ${x2} ${middle(to)}`;
  const look = { fill: "none", stroke: `var(--${role})`, "stroke-width": 1.3, "marker-end": `url(#kubelab-head-${role})` };
  shape(arrows, "path", { d, ...look, ...(dashed ? { "stroke-dasharray": "5 3" } : {}) });
}
