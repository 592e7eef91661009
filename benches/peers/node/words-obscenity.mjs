// obscenity: all hits, anywhere or whole words, a regular expression for each pattern. Of its transformers only that to small letters.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { run } from "./words.mjs";

const require = createRequire(join(process.cwd(), "x.cjs"));
const { RegExpMatcher, parseRawPattern, toAsciiLowerCaseTransformer } = require("obscenity");
const { version } = JSON.parse(readFileSync("node_modules/obscenity/package.json", "utf8"));

run(version, (patterns, setting) => {
  const edge = setting === "words" ? "|" : "";
  const term = (pattern, id) => {
    const literal = pattern.toLowerCase().replace(/[[\]?|\\]/g, "\\$&");
    return { id, pattern: parseRawPattern(`${edge}${literal}${edge}`) };
  };
  const matcher = new RegExpMatcher({
    blacklistedTerms: patterns.map(term),
    blacklistMatcherTransformers: [toAsciiLowerCaseTransformer()],
  });
  return (text) => matcher.getAllMatches(text).length;
});
