// The shared corpus in `tests/cases`, to the byte; and the demo stream against the command line.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CompileError, Engine, Rulebook } from "tagwarden";
import type { Diagnostic, EngineOptions, Limits } from "tagwarden";

const root = process.env["TAGWARDEN_ROOT"];
assert.ok(root, "`cargo xtask test` runs this");
/** Fewer mean that the corpus was not found. */
const AT_LEAST = 150;

interface Case {
  name: string;
  sections: Map<string, string>;
}

function read(path: string): Case {
  const sections = new Map<string, string>();
  let title: string | undefined;
  for (const line of readFileSync(path, "utf8").split(/(?<=\n)/)) {
    if (line.startsWith("--- ")) {
      title = line.slice(4).trim();
      sections.set(title, "");
    } else if (title !== undefined) {
      sections.set(title, (sections.get(title) ?? "") + line);
    }
  }
  return { name: path.slice(join(root ?? "", "tests/cases").length + 1), sections };
}

function optionsOf({ sections }: Case): EngineOptions & { limits: Limits } {
  const options: EngineOptions & { limits: Limits } = { limits: {} };
  for (const line of (sections.get("options") ?? "").split("\n").filter(Boolean)) {
    const [name = "", value = ""] = line.split(" ");
    if (name === "lateness" || name === "dedup") options[name] = value;
    else options.limits[name as keyof Limits] = Number(value);
  }
  return options;
}

function shown(diagnostics: Diagnostic[]): string {
  return diagnostics
    .map(({ code, message, place }) => {
      const file = place.file === "main.tw" ? "" : `${place.file}:`;
      return `${code} ${file}${place.line}:${place.column} ${message}\n`;
    })
    .join("");
}

function run(one: Case): string {
  const { limits, ...options } = optionsOf(one);
  const files: Record<string, string> = {};
  for (const [title, text] of one.sections) if (title.startsWith("file ")) files[title.slice(5)] = text;
  let rulebook: Rulebook;
  try {
    rulebook = Rulebook.compile(one.sections.get("rulebook") ?? "", { files, limits });
  } catch (error) {
    assert.ok(error instanceof CompileError);
    return shown(error.diagnostics);
  }
  using kept = rulebook;
  if (one.sections.has("diagnostics")) return shown(kept.warnings);
  using engine = new Engine(kept, { ...options, limits });
  let text = "";
  for (const step of engine.batches(one.sections.get("inputs") ?? "", { size: 1 })) {
    text += new TextDecoder().decode(step.jsonl);
    for (const { kind, line } of step.refused) text += `{"refused":"${kind}","input":${line}}\n`;
  }
  for (const decision of engine.finish()) text += JSON.stringify(decision) + "\n";
  return text;
}

const folder = join(root, "tests/cases");
const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".case")).sort();

test(`the corpus: ${paths.length} cases`, () => {
  assert.ok(paths.length >= AT_LEAST);
  for (const path of paths) {
    const one = read(join(folder, path));
    const wanted = one.sections.get("diagnostics") ?? one.sections.get("decisions") ?? "";
    assert.equal(run(one), wanted, one.name);
  }
});

const events = join(root, "out/demo/events.jsonl");
const decisions = join(root, "out/demo/decisions.jsonl");
const there = existsSync(events) && existsSync(decisions);

test("the demo stream: the same bytes as the command line", { skip: there ? false : "run `cargo xtask demo` first" }, () => {
  using rulebook = Rulebook.compile(readFileSync(join(root, "examples/rules/support.tw"), "utf8"));
  using engine = new Engine(rulebook);
  const until = process.env["TAGWARDEN_UNTIL"];
  assert.ok(until);
  const batch = engine.processBatch(readFileSync(events));
  assert.deepEqual(batch.refused, []);
  assert.ok(batch.count > 100_000);
  const ticked = engine.processBatch(JSON.stringify({ tick: until }));
  const found = Buffer.concat([batch.jsonl, ticked.jsonl]);
  assert.ok(found.equals(readFileSync(decisions)), "the decisions are other bytes");
});
