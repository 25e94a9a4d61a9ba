// What the scripts of all widgets share; put before each of them (see shown.py).
function make(tag, attributes, ...content) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

// JupyterLab says its theme on <body>; elsewhere the system decides.
function followTheme(root, colors) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const lab = document.body.dataset.jpThemeLight;
    const dark = lab ? lab === "false" : system.matches;
    for (const [role, pair] of Object.entries(colors)) root.style.setProperty(`--${role}`, pair[dark ? 1 : 0]);
  };
  set();
  system.addEventListener("change", set);
  const observer = new MutationObserver(set);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => {
    system.removeEventListener("change", set);
    observer.disconnect();
  };
}
