// 100,000 events of the demo stream through ten rules: natively, in Node and in Chromium, in turn in one run.
// The same code each time (`RawFeed`), from JSON Lines in memory to JSON Lines of decisions. Medians of the rounds.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, serve } from "../tests/serve.js";

const { TAGWARDEN_ROOT: root, TAGWARDEN_PACKAGE: folder, TAGWARDEN_NATIVE: native, TAGWARDEN_CHROMIUM: program } = process.env;
const EVENTS = 100_000;
const ROUNDS = 7;
const here = dirname(fileURLToPath(import.meta.url));
const rules = join(here, "ten.tw");
const all = join(root, "out/demo/events.jsonl");

const lines = readFileSync(all, "utf8").split("\n", EVENTS).join("\n") + "\n";
const data = mkdtempSync(join(tmpdir(), "tagwarden-"));
writeFileSync(join(data, "events.jsonl"), lines);
writeFileSync(join(data, "ten.tw"), readFileSync(rules));
writeFileSync(join(data, "index.html"), "<!doctype html><title>bench</title>");

/** What both sides run. */
const once = `async ({ Rulebook, Engine }, rules, bytes) => {
  const rulebook = Rulebook.compile(rules);
  const start = performance.now();
  const engine = new Engine(rulebook);
  let decided = 0;
  for (const batch of engine.batches(bytes, { size: 4096 })) decided += batch.jsonl.length;
  const time = performance.now() - start;
  engine.free();
  rulebook.free();
  return { time, decided };
}`;

const own = await import("tagwarden");
const inNode = (0, eval)(once);
const bytes = new TextEncoder().encode(lines);
const text = readFileSync(rules, "utf8");

let page;
let browser;
let server;
if (program) {
  server = await serve({ "/package/": folder, "/": data });
  browser = await launch(program);
  page = await browser.newPage();
  await page.goto(`${server.address}/index.html`);
  await page.evaluate(async () => {
    globalThis.tagwarden = await import("/package/browser.js");
    globalThis.bytes = new Uint8Array(await (await fetch("/events.jsonl")).arrayBuffer());
    globalThis.rules = await (await fetch("/ten.tw")).text();
  });
}

const times = { native: [], node: [], chromium: [] };
const sizes = new Set();
for (let round = 0; round < ROUNDS; round += 1) {
  const { times: [time], decided } = JSON.parse(execFileSync(native, [rules, all, String(EVENTS), "1"], { encoding: "utf8" }));
  times.native.push(time);
  sizes.add(decided);
  const node = await inNode(own, text, bytes);
  times.node.push(node.time);
  sizes.add(node.decided);
  if (page) {
    const found = await page.evaluate(`(${once})(tagwarden, rules, bytes)`);
    times.chromium.push(found.time);
    sizes.add(found.decided);
  }
}
await browser?.close();
server?.close();
if (sizes.size !== 1) throw new Error(`different decisions: ${[...sizes]}`);

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const base = median(times.native);
for (const [name, values] of Object.entries(times)) {
  if (values.length === 0) continue;
  const time = median(values);
  const best = Math.min(...values);
  console.log(
    `${name.padEnd(9)} ${Math.round(time)} ms (best ${Math.round(best)}), ${Math.round(EVENTS / time)} thousand events a second, ` +
      `${Math.round((base / time) * 100)} % of native (best against best ${Math.round((Math.min(...times.native) / best) * 100)} %)`,
  );
}
