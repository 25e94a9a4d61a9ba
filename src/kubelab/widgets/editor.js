// A text area for a manifest: line numbers, colors, and each problem at its line. See editing.py.
export default {
  render({ model, el }) {
    const root = el.appendChild(make("div", { class: "kubelab-editor" }));
    const sheet = root.appendChild(make("div", { class: "sheet" }));
    const gutter = sheet.appendChild(make("ol", { class: "gutter", "aria-hidden": "true" }));
    const page = sheet.appendChild(make("div", { class: "page" }));
    const marks = page.appendChild(make("div", { "aria-hidden": "true" }));
    const colored = page.appendChild(make("pre", { "aria-hidden": "true" }));
    const area = page.appendChild(make("textarea", { "aria-label": "manifest", spellcheck: "false", wrap: "off" }));
    const said = root.appendChild(make("p", { role: "status", "aria-live": "polite" }));
    const list = root.appendChild(make("ul", { "aria-label": "refusals" }));
    const unfollow = followTheme(root, model.get("colors"));
    const write = () => {
      const lines = area.value.split("\n");
      area.rows = Math.max(4, lines.length);
      colored.replaceChildren(...lines.flatMap(paint));
      const problems = model.get("problems");
      gutter.replaceChildren(...lines.map((_, at) => number(at + 1, problems)));
      marks.replaceChildren(...problems.map((problem) => mark(problem, lines)));
    };
    const edited = () => {
      model.set("problems", []);
      model.set("text", area.value);
      model.save_changes();
      write();
    };
    const shown = () => {
      if (area.value !== model.get("text")) area.value = model.get("text");
      write();
    };
    const judge = () => {
      write();
      said.textContent = model.get("said");
      said.className = model.get("wrong") ? "wrong" : "";
      list.replaceChildren(...model.get("problems").map((problem) => entry(problem, area)));
    };
    area.addEventListener("input", edited);
    area.addEventListener("keydown", (event) => indent(event, area, edited));
    for (const kind of ["keydown", "keyup", "keypress"]) area.addEventListener(kind, (event) => event.stopPropagation()); // not Jupyter's
    model.on("change:text", shown);
    model.on("change:problems change:said change:wrong", judge);
    shown();
    judge();
    return unfollow;
  },
};

// Keys and comments stand out; the rest is as it is.
function paint(line) {
  const [, head, key, rest] = line.match(/^(\s*(?:- )*)([\w./-]+(?=:(?:\s|$)))?(.*)$/);
  const hash = rest.search(/(^|\s)#/), value = hash < 0 ? rest : rest.slice(0, hash), remark = hash < 0 ? "" : rest.slice(hash);
  const parts = [head];
  if (key) parts.push(make("b", {}, key));
  parts.push(value);
  if (remark) parts.push(make("i", {}, remark));
  return [...parts, "\n"];
}

function number(line, problems) {
  const wrong = problems.some((problem) => problem.line === line);
  return make("li", wrong ? { class: "wrong" } : {}, wrong ? `✘ ${line}` : `${line}`);
}

function mark(problem, lines) {
  const bar = make("div", { class: "mark" }), width = (lines[problem.line - 1] ?? "").length;
  bar.style.top = `calc(${problem.line - 1} * var(--line))`;
  const words = make("span", { title: problem.text }, problem.text);
  words.style.marginLeft = `calc(${width}ch + 2.5ch)`;
  bar.append(words);
  return bar;
}

function entry(problem, area) {
  const go = make("button", { type: "button" }, `line ${problem.line}`);
  go.addEventListener("click", () => {
    const lines = area.value.split("\n"), start = lines.slice(0, problem.line - 1).join("\n").length + (problem.line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[problem.line - 1] ?? "").length);
  });
  return make("li", {}, go, " ", problem.text);
}

// Enter keeps the indentation; Tab stays the browser's, so that nobody is caught in here.
function indent(event, area, edited) {
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const before = area.value.slice(0, area.selectionStart), line = before.slice(before.lastIndexOf("\n") + 1);
  area.setRangeText(`\n${line.match(/^\s*/)[0]}`, area.selectionStart, area.selectionEnd, "end");
  edited();
}
