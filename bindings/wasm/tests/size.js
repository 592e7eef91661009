// How large the modules are, and that they stay so. `--parts FOLDER` tells what each part adds.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** Bytes of gzip that must not be passed: a few per cent above what they are. Where they should be one day: 450 and 200 kB. */
const MOST = { full: 830_000, slim: 475_000 };

const kilo = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
function sizes(path) {
  const raw = readFileSync(path);
  return { raw: raw.length, gzip: gzipSync(raw, { level: 9 }).length, brotli: brotliCompressSync(raw).length };
}

const [first, second] = process.argv.slice(2);
if (first === "--parts") {
  const none = sizes(join(second, "none/tagwarden.wasm"));
  for (const name of readdirSync(second)) {
    const { raw, gzip, brotli } = sizes(join(second, name, "tagwarden.wasm"));
    console.log(`${name.padEnd(30)} +${kilo(raw - none.raw)}, gzip +${kilo(gzip - none.gzip)}, brotli +${kilo(brotli - none.brotli)}`);
  }
  process.exit();
}
const folder = first;
let failed = false;
for (const [name, path] of [["full", "tagwarden.wasm"], ["slim", "slim/tagwarden.wasm"]]) {
  const { raw, gzip, brotli } = sizes(join(folder, path));
  const late = gzip > MOST[name];
  failed ||= late;
  console.log(`${name}: ${kilo(raw)}, gzip ${kilo(gzip)}, brotli ${kilo(brotli)}${late ? `: more than the ${kilo(MOST[name])} that it may be` : ""}`);
}
process.exitCode = failed ? 1 : 0;
