// The player: draws a score (see playable.py) once, then moves a cursor over it. No library, no network.
const NS = "http://www.w3.org/2000/svg";
const WIDTH = 900, LEFT = 190, RIGHT = 12, LANE = 22, AREA = 150, TICKS = 22;
const PLAYING_TIME = 15; // wall seconds for the whole recording

function play(name, style, score) {
  const host = document.querySelector(`#${name}:not([data-playing])`);
  if (!host) return;
  host.dataset.playing = "";
  const root = host.attachShadow({ mode: "open" });
  root.append(make("style", {}, style));
  const player = root.appendChild(make("div", { class: "player", role: "group", "aria-label": score.title }));
  followTheme(player, score.colors);
  player.append(make("h3", {}, score.title));
  if (score.areas) player.append(legend(score.areas.layers));
  const { svg, cursor } = drawing(score);
  player.append(svg);
  const now = make("div", { class: "now", "aria-live": "polite" });
  const events = make("ol", { "aria-label": "latest events" });
  const controls = bar(score, (t, playing) => {
    now.setAttribute("aria-live", playing ? "off" : "polite"); // a playing player would talk without end
    cursor.setAttribute("transform", `translate(${x(score, t)} 0)`);
    const words = sayings(score, t);
    if (now.textContent !== words) now.textContent = words;
    show(events, score.events.filter((event) => event[0] <= t).slice(-5));
  });
  player.append(controls, now, events);
}

function make(tag, attributes, text) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function shape(parent, tag, attributes, text) {
  const element = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return parent.appendChild(element);
}

const x = (score, t) => LEFT + (Math.min(t, score.end) / score.end) * (WIDTH - LEFT - RIGHT);
const seconds = (t) => (t < 9.95 ? `${t.toFixed(1)} s` : t < 600 ? `${Math.round(t)} s` : `${(t / 60).toFixed(1)} min`);

// The book says its theme on <html>, JupyterLab on <body>; else the system decides.
function followTheme(player, colors) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const book = document.documentElement.dataset.theme, lab = document.body.dataset.jpThemeLight;
    const dark = book === "dark" || (book !== "light" && (lab ? lab === "false" : system.matches));
    for (const [role, pair] of Object.entries(colors)) player.style.setProperty(`--${role}`, pair[dark ? 1 : 0]);
    player.style.colorScheme = dark ? "dark" : "light";
  };
  set();
  system.addEventListener("change", set);
  const observer = new MutationObserver(set);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
}

function legend(layers) {
  const box = make("div", { class: "legend" });
  for (const layer of layers) {
    const entry = box.appendChild(make("span", {}));
    entry.append(make("i", { style: `background:var(--${layer.color});opacity:${layer.opacity}` }), layer.name);
  }
  return box;
}

function drawing(score) {
  const area = score.areas ? AREA + 8 : 0, ticks = score.requests.length ? TICKS : 0;
  const height = area + ticks + score.lanes.length * LANE + 26;
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  svg.setAttribute("aria-hidden", "true"); // the words below the controls say it
  stripes(svg);
  if (score.areas) areas(svg, score);
  if (ticks) requests(svg, score, area);
  score.lanes.forEach((lane, row) => drawLane(svg, score, lane, area + ticks + row * LANE));
  axis(svg, score, height - 22);
  const cursor = shape(svg, "g", {});
  shape(cursor, "line", { y1: 0, y2: height - 22, stroke: "var(--ink)", "stroke-width": 1.5 });
  return { svg, cursor };
}

function stripes(svg) {
  const pattern = shape(svg, "pattern", {
    id: "stripes", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  shape(pattern, "line", { y2: 6, stroke: "var(--paper)", "stroke-width": 2 });
}

function areas(svg, score) {
  const { times, layers, desired } = score.areas;
  const sums = times.map((_, place) => layers.reduce((sum, layer) => sum + layer.counts[place], 0));
  const most = Math.max(1, ...sums, ...desired.map((number) => number ?? 0)) + 0.4;
  const y = (number) => AREA - (number / most) * AREA;
  const below = times.map(() => 0);
  for (const layer of layers) {
    times.forEach((t, place) => {
      const until = times[place + 1] ?? score.end, number = layer.counts[place];
      if (number && until > t) {
        const left = x(score, t), top = y(below[place] + number);
        const where = { x: left, width: x(score, until) - left, y: top, height: y(0) - y(number) };
        const look = { fill: `var(--${layer.color})`, "fill-opacity": layer.opacity, "shape-rendering": "crispEdges" };
        shape(svg, "rect", { ...where, ...look });
        if (layer.striped) shape(svg, "rect", { ...where, fill: "url(#stripes)" });
      }
      below[place] += number;
    });
  }
  for (let number = 0; number <= most; number += Math.ceil(most / 6)) {
    shape(svg, "text", { x: LEFT - 8, y: y(number) + 4, "text-anchor": "end", class: "muted" }, number);
  }
  shape(svg, "text", { x: 0, y: 12 }, "Pods");
  const line = times.map((t, place) => [t, desired[place]]).filter((step) => step[1] !== null);
  const path = line.map(([t, number], place) => (place ? `H${x(score, t)}V${y(number)}` : `M${x(score, t)} ${y(number)}`));
  const look = { fill: "none", stroke: "var(--ink)", "stroke-dasharray": "5 3" };
  if (path.length) shape(svg, "path", { d: `${path.join("")}H${WIDTH - RIGHT}`, ...look });
}

function requests(svg, score, top) {
  shape(svg, "text", { x: 0, y: top + 14 }, "requests");
  for (const [t, ok] of score.requests) {
    const at = x(score, t);
    if (ok) shape(svg, "line", { x1: at, x2: at, y1: top + 5, y2: top + 15, stroke: "var(--served)" });
    else shape(svg, "path", { d: `M${at - 3} ${top + 6}l6 8m0 -8l-6 8`, stroke: "var(--failed)", "stroke-width": 2 });
  }
}

function drawLane(svg, score, lane, top) {
  shape(svg, "text", { x: 0, y: top + 15 }, lane.name.length > 28 ? `…${lane.name.slice(-27)}` : lane.name);
  for (const [start, end, label, color, opacity, striped] of lane.spans) {
    const where = { x: x(score, start), width: Math.max(1, x(score, end) - x(score, start)), y: top + 3, height: LANE - 6 };
    shape(svg, "rect", { ...where, fill: `var(--${color})`, "fill-opacity": opacity, stroke: "var(--paper)" });
    if (striped) shape(svg, "rect", { ...where, fill: "url(#stripes)" });
    if (label.length * 6.4 + 8 < where.width) {
      const middle = where.x + where.width / 2;
      const width = label.length * 6.4 + 6, look = { fill: "var(--paper)", "fill-opacity": 0.82, rx: 2 };
      shape(svg, "rect", { x: middle - width / 2, y: top + 4, width, height: LANE - 8, ...look });
      shape(svg, "text", { x: middle, y: top + 15, "text-anchor": "middle" }, label);
    }
  }
}

function axis(svg, score, y) {
  const step = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].find((each) => score.end / each <= 10) ?? 7200;
  shape(svg, "line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, stroke: "var(--muted)" });
  for (let t = 0; t <= score.end; t += step) {
    shape(svg, "line", { x1: x(score, t), x2: x(score, t), y1: y, y2: y + 4, stroke: "var(--muted)" });
    shape(svg, "text", { x: x(score, t), y: y + 16, "text-anchor": "middle", class: "muted" }, seconds(t));
  }
}

function sayings(score, t) {
  const past = score.says.filter((saying) => saying[0] <= t);
  const words = past.length ? past[past.length - 1][1] : "Nothing has happened yet.";
  if (!score.requests.length) return words;
  const asked = score.requests.filter((request) => request[0] <= t);
  const served = asked.filter((request) => request[1]).length;
  return `${words}; requests: ${served} served, ${asked.length - served} failed`;
}

function show(list, events) {
  list.replaceChildren(...events.reverse().map(([t, label, detail, warning]) => {
    const item = make("li", warning ? { class: "warning" } : {});
    item.append(make("time", {}, seconds(t)), make("b", {}, label), make("span", { title: detail }, detail));
    return item;
  }));
}

// The moments at which something changed: where the step buttons stop.
function stopsOf(score) {
  const changed = [...score.says, ...score.events].map((each) => each[0]);
  return [...new Set([0, ...changed, score.end])].sort((a, b) => a - b);
}

function bar(score, moved) {
  const box = make("div", { class: "bar" }), stops = stopsOf(score);
  const button = (text, label) => box.appendChild(make("button", { type: "button", "aria-label": label }, text));
  const back = button("|◀", "previous change"), start = button("▶ play", "play"), on = button("▶|", "next change");
  const range = { type: "range", min: 0, max: score.end, step: "any", value: 0, "aria-label": "time" };
  const slider = box.appendChild(make("input", range)), output = box.appendChild(make("output", {}));
  const at = () => Number(slider.value);
  let frame = 0;
  const go = (t) => {
    slider.value = t;
    output.textContent = seconds(t);
    slider.setAttribute("aria-valuetext", seconds(t));
    moved(t, frame !== 0);
  };
  const playing = (yes) => {
    start.textContent = yes ? "❚❚ pause" : "▶ play";
    start.setAttribute("aria-label", yes ? "pause" : "play");
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    playing(false);
  };
  const run = () => {
    const from = at() >= score.end ? 0 : at(), began = performance.now();
    const tick = (instant) => {
      const t = from + (Math.max(0, instant - began) / 1000 / PLAYING_TIME) * score.end;
      if (t >= score.end) stop();
      else frame = requestAnimationFrame(tick);
      go(Math.min(t, score.end));
    };
    playing(true);
    frame = requestAnimationFrame(tick);
  };
  const jump = (t) => (stop(), go(t));
  start.addEventListener("click", () => (frame ? stop() : run()));
  back.addEventListener("click", () => jump(stops.filter((t) => t < at() - 1e-6).pop() ?? 0));
  on.addEventListener("click", () => jump(stops.find((t) => t > at() + 1e-6) ?? score.end));
  slider.addEventListener("input", () => jump(at()));
  go(0);
  return box;
}
