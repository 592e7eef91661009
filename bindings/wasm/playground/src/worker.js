// Runs rulebooks over events beside the page, so that the page never waits.
import { CompileError, Engine, Rulebook, init } from "tagwarden/init";
import { rows } from "./csv.js";
import { madeUp } from "./sample.js";

let ready;
let rulebook;
let engine;
/** The events of the last run, to look one customer's up. */
let text = { format: "jsonl", body: "" };

/** More decisions are counted, and not kept for the page. */
const MOST = 400_000;

onmessage = async ({ data: { id, op, ...given } }) => {
  try {
    if (op === "init") ready = init(given.module);
    await ready;
    const answer = { init: () => null, run, ask }[op](given, (progress) => postMessage({ id, progress }));
    postMessage({ id, answer });
  } catch (error) {
    const diagnostics = error instanceof CompileError ? error.diagnostics : undefined;
    postMessage({ id, error: { message: String(error?.message ?? error), diagnostics } });
  }
};

function run({ source, files, input }, report) {
  const next = Rulebook.compile(source, { files });
  engine?.free();
  rulebook?.free();
  [engine, rulebook] = [new Engine(next), next];
  const tests = rulebook.runTests();
  const bytes = input.bytes ?? new TextEncoder().encode(madeUp(rulebook.schema));
  const format = input.format ?? "jsonl";
  const start = performance.now();
  let count = 0;
  let dropped = 0;
  const decisions = [];
  const refused = [];
  let refusals = 0;
  for (const batch of engine.batches(bytes, { format, event: input.event, size: 4096 })) {
    count += batch.count;
    refusals += batch.refused.length;
    if (refused.length < 200) refused.push(...batch.refused.slice(0, 200 - refused.length));
    if (decisions.length < MOST) decisions.push(...batch.decisions);
    else dropped += 1;
    report({ read: batch.read, total: batch.total });
  }
  decisions.push(...engine.finish());
  text = { format, event: input.event, body: new TextDecoder().decode(bytes) };
  return {
    ms: performance.now() - start, count, refusals, refused, decisions, tests, dropped,
    clock: engine.clock ?? null, zone: rulebook.zone, rules: rulebook.rules, schema: rulebook.schema,
  };
}

function ask({ entity, subject, time }) {
  const whyNot = rulebook.rules
    .filter((rule) => rule.entity === entity)
    .map((rule) => ({ rule, answer: engine.whyNot(rule.name, entity, subject, time) }));
  return { status: engine.status(entity, subject, time), whyNot, events: eventsOf(entity, subject) };
}

/** A customer's events, oldest first, at most some thousands. */
function eventsOf(entity, subject) {
  const found = [];
  if (text.format === "csv") {
    let head;
    for (const row of rows(text.body)) {
      if (head === undefined) {
        head = row.map((name) => name.trim());
        continue;
      }
      if (row[head.indexOf(entity)] !== subject) continue;
      const event = Object.fromEntries(head.map((name, at) => [name, row[at]]));
      found.push({ type: event.type ?? text.event, ...event });
      if (found.length >= 5000) break;
    }
  } else {
    const needle = JSON.stringify(subject);
    for (const line of text.body.split("\n")) {
      if (!line.includes(needle)) continue;
      try {
        const event = JSON.parse(line);
        const own = event[entity] === subject || (event.entity === entity && event.subject === subject);
        // A command stands beside the events, under its own name.
        if (own) found.push(event.type === undefined && event.command ? { type: event.command, ...event } : event);
      } catch {
        // The engine has refused it already.
      }
      if (found.length >= 5000) break;
    }
  }
  return found;
}
