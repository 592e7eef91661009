// mint-filter: anywhere, of all that end at a place the longest. It folds case itself.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { run } from "./words.mjs";

const require = createRequire(join(process.cwd(), "x.cjs"));
const { Mint } = require("mint-filter");
const { version } = JSON.parse(readFileSync("node_modules/mint-filter/package.json", "utf8"));

run(version, (patterns, setting) => {
  if (setting !== "anywhere") throw new Error("it knows no words");
  const mint = new Mint(patterns);
  return (text) => mint.filter(text, { replace: false }).words.length;
});
