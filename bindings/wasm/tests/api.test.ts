// The package as a user meets it. `tsc --strict` holds the types to this file.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CompileError, Engine, InputError, QueryError, Rulebook, SnapshotError, TagwardenError,
  complete, diagnose, format, hover, parts, version,
} from "tagwarden";
import type { CommandInput, Decision, Diagnostic, EventInput, Permit, Status } from "tagwarden";

const RULES = `timezone "Asia/Shanghai"
entity customer
event message(customer) { channel: "sms" | "email", text: string private }
event order(customer) { amount: number }
list blacklist { level 1 denies all  level 2 limits 3 per 24h }
rule flood { when count(message) over 24h > 2 because "{count(message) over 24h} 条" then add to blacklist level 2 for 7d }
rule gold { while sum(order.amount) over 365d >= 1000 then tag "金卡" }
test "two are none too many" {
  2 message every 1m from 2026-01-01T00:00 for "c" { channel: "sms", text: "hi" }
  expect "c" not in blacklist at 2026-01-01T01:00
}
`;

const message = (minute: number): EventInput => ({
  type: "message", time: Date.UTC(2026, 0, 1, 0, minute), customer: "c1", channel: "sms", text: "hi",
});

test("decides, and says why", () => {
  using rulebook = Rulebook.compile(RULES);
  using engine = new Engine(rulebook);
  assert.deepEqual(engine.process(message(0)), []);
  engine.process(message(1));
  const decisions: Decision[] = engine.process(message(2));
  const listed = decisions[0];
  assert.ok(listed?.kind === "listed");
  assert.equal(listed.level, 2);
  assert.equal(listed.until, "2026-01-08T00:02:00Z");
  assert.equal(listed.reason?.text, "3 条");
  assert.equal(listed.reason?.because?.[0]?.events, 3);

  const status: Status = engine.status("customer", "c1", "2026-01-02T00:00:00Z");
  assert.equal(status.entries[0]?.ends, "2026-01-08T00:02:00Z");
  const permit: Permit = engine.permits("customer", "c1", "sms", new Date("2026-01-02T00:00:00Z"));
  assert.ok(permit.permit === "limited" && permit.left === 3);
  engine.recordContact("customer", "c1", "2026-01-02T00:00:00Z");
  const left = engine.permits("customer", "c1", "sms", "2026-01-02T00:01:00Z");
  assert.ok(left.permit === "limited" && left.left === 2);

  const whyNot = engine.whyNot("gold", "customer", "c1", "2026-01-02T00:00:00Z");
  assert.equal(whyNot.holds, false);
  assert.equal(whyNot.parts[0]?.missing, "1000");

  assert.equal(engine.advanceTo("2026-02-01T00:00:00Z")[0]?.kind, "unlisted");
  assert.equal(engine.clock, "2026-02-01T00:00:00Z");
  assert.equal(engine.subjects, 1);
  assert.equal(engine.forget("customer", "c1")?.kind, "forgotten");
  assert.equal(engine.forget("customer", "c1"), null);
});

test("a person acts, and is refused", () => {
  const policy = "role agent may view\nrole manager may list blacklist, release, suspend, view\n";
  using rulebook = Rulebook.compile(RULES + policy);
  using engine = new Engine(rulebook);
  const who = { actor: "u7", role: "manager", reason: "threats", entity: "customer", subject: "c1" };
  const list: CommandInput = { command: "list", list: "blacklist", level: 1, for: "30d", time: "2026-01-01T00:00:00Z", ...who };
  const [listed] = engine.process(list);
  assert.ok(listed?.kind === "listed" && listed.reason?.by?.actor === "u7");

  const release: CommandInput = { command: "release", list: "blacklist", time: "2026-01-01T01:00:00Z", ...who, role: "agent" };
  const [refused] = engine.process(release);
  assert.ok(refused?.kind === "refused" && refused.code === "role");

  const suspend: CommandInput = { command: "suspend", list: "blacklist", for: "1h", time: "2026-01-01T02:00:00Z", ...who };
  assert.deepEqual(engine.processBatch([suspend]).decisions.map(({ kind }) => kind), ["suspended"]);
  assert.equal(engine.permits("customer", "c1", "sms", "2026-01-01T02:59:59Z").permit, "allowed");
  assert.equal(engine.status("customer", "c1", "2026-01-01T02:59:59Z").suspended[0]?.until, "2026-01-01T03:00:00Z");
  const [resumed] = engine.advanceTo("2026-01-01T04:00:00Z");
  assert.ok(resumed?.kind === "resumed" && resumed.time === "2026-01-01T03:00:00Z");

  // @ts-expect-error: who gives it must be said.
  const nameless: CommandInput = { command: "forget", time: 0, reason: "asked", entity: "customer", subject: "c1" };
  assert.throws(() => engine.process(nameless), (error) => error instanceof InputError && error.path === "actor");
});

test("money keeps its digits", () => {
  using rulebook = Rulebook.compile(RULES);
  using engine = new Engine(rulebook);
  const time = "2026-01-01T00:00:00Z";
  const order = (amount: number | string | bigint) => engine.process({ type: "order", time, customer: "c1", amount });
  order(0.1);
  order(0.2);
  const decisions = order(999n);
  assert.deepEqual(decisions, []);
  const tagged = order(0.7)[0];
  assert.equal(tagged?.reason?.because?.[0]?.value, "1000");
});

test("takes batches of objects, JSON Lines and CSV, all the same", () => {
  using rulebook = Rulebook.compile(RULES);
  const inputs = [message(0), message(1), message(2), { tick: "2026-02-01T00:00:00Z" }];
  const jsonl = inputs.map((input) => JSON.stringify(input)).join("\n");
  const csv =
    "type,time,customer,channel,text\n" +
    [0, 1, 2].map((minute) => `message,${Date.UTC(2026, 0, 1, 0, minute)},c1,sms,hi`).join("\n");
  const run = (work: (engine: Engine) => Uint8Array): string => {
    using engine = new Engine(rulebook);
    return Buffer.from(work(engine)).toString();
  };
  const first = run((engine) => engine.processBatch(inputs).jsonl);
  assert.equal(first.trim().split("\n").length, 2);
  assert.equal(run((engine) => engine.processBatch(jsonl).jsonl), first);
  assert.equal(run((engine) => engine.processBatch(new TextEncoder().encode(jsonl)).jsonl), first);
  assert.equal(
    run((engine) => Buffer.concat([...engine.batches(jsonl, { size: 1 })].map((batch) => batch.jsonl))), first,
  );
  const listed = run((engine) => engine.processBatch(csv, { format: "csv" }).jsonl);
  assert.equal(listed, first.split("\n")[0] + "\n");
});

test("a batch goes on behind what it refuses", () => {
  using rulebook = Rulebook.compile(RULES);
  using engine = new Engine(rulebook);
  const batch = engine.processBatch(`{"type":"nothing","time":0}\nnot json\n${JSON.stringify(message(0))}`);
  assert.equal(batch.count, 3);
  assert.deepEqual(batch.refused.map(({ line, kind }) => [line, kind]), [[1, "invalid"], [2, "invalid"]]);
  assert.equal(engine.subjects, 1);
});

test("errors are of their classes", () => {
  const failed = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const mistake = failed(() => Rulebook.compile("entity customer\nrule r { on ordr then tag x }\nrule"));
  assert.ok(mistake instanceof CompileError && mistake instanceof TagwardenError && mistake instanceof Error);
  assert.equal(mistake.name, "CompileError");
  assert.equal(mistake.diagnostics.length, 2);

  using rulebook = Rulebook.compile(RULES);
  using engine = new Engine(rulebook);
  engine.process(message(5));
  const late = failed(() => engine.process(message(1)));
  assert.ok(late instanceof InputError && late.kind === "late" && late.clock === "2026-01-01T00:05:00Z");
  const wrong = failed(() => engine.process({ ...message(6), channel: "fax" }));
  assert.ok(wrong instanceof InputError && wrong.kind === "invalid" && wrong.path === "channel");
  const nobody = failed(() => engine.status("nobody", "c1", "2026-01-02T00:00:00Z"));
  assert.ok(nobody instanceof QueryError && nobody.kind === "unknown_entity");
  const foreign = failed(() => Engine.restore(rulebook, new Uint8Array([1, 2, 3])));
  assert.ok(foreign instanceof SnapshotError && foreign.kind === "foreign");
  assert.ok(failed(() => engine.advanceTo("yesterday")) instanceof TypeError);
  assert.ok(failed(() => new Engine(rulebook, { limits: { nonsense: 1 } as object })) instanceof TypeError);
});

test("a snapshot goes on where it was taken", () => {
  using rulebook = Rulebook.compile(RULES);
  using engine = new Engine(rulebook);
  engine.process(message(0));
  engine.process(message(1));
  using again = Engine.restore(rulebook, engine.snapshot());
  assert.deepEqual(again.process(message(2)), engine.process(message(2)));
});

test("what is freed is not used again", () => {
  const rulebook = Rulebook.compile(RULES);
  const engine = new Engine(rulebook);
  rulebook.free();
  rulebook.free();
  assert.throws(() => rulebook.rules, TagwardenError);
  assert.deepEqual(engine.process(message(0)), []);
  engine[Symbol.dispose]();
  assert.throws(() => engine.clock, TagwardenError);
});

test("reloads", () => {
  using rulebook = Rulebook.compile(RULES);
  using engine = new Engine(rulebook);
  engine.process(message(0));
  using next = Rulebook.compile(RULES.replace("> 2", "> 5"));
  const report = engine.reload(next);
  assert.equal(report.rules["flood"], "changed");
  assert.equal(report.rules["gold"], "kept");
});

test("lateness puts inputs in order", () => {
  using rulebook = Rulebook.compile(RULES);
  using engine = new Engine(rulebook, { lateness: "10m", dedup: "1d" });
  engine.processBatch([message(2), message(0), message(1)]);
  assert.equal(engine.finish()[0]?.time, "2026-01-01T00:02:00Z");
});

test("editors get places in UTF-16 units", () => {
  const text = 'entity customer // 😀 顾客\nevent order(customer) { amount: number }\nrule r { on order where amonut > 1 then tag "金" }';
  const found: Diagnostic[] = diagnose(text);
  const first = found[0];
  assert.ok(first !== undefined);
  assert.equal(text.slice(first.from, first.to), "amonut");
  assert.equal(first.help, "did you mean `amount`?");
  assert.equal(first.severity, "error");

  const at = text.indexOf("amonut");
  const choices = complete(text, at + 2);
  assert.equal(text.slice(choices.from, choices.to), "amonut");
  assert.ok(choices.items.some((item) => item.label === "amount" && item.kind === "field" && item.detail === "number"));
  const told = hover(text, text.lastIndexOf("order"));
  assert.equal(told?.title, "event order(customer) { amount: number }");
  assert.equal(text.slice(told?.from, told?.to), "order");
  assert.equal(hover(text, text.indexOf("😀")), null);
  assert.equal(format("entity   customer"), "entity customer\n");
  assert.throws(() => format("entity {"), CompileError);
});

test("says what it holds", () => {
  using rulebook = Rulebook.compile('use "more.tw"\nrule r { on order where note has abuse then tag x }', {
    files: {
      "more.tw": 'entity customer\nevent order(customer) { note: string? }\nkeywords abuse from "words.txt"',
      "words.txt": "scam\n",
    },
  });
  assert.deepEqual(rulebook.rules.map(({ name, trigger }) => [name, trigger]), [["r", "on"]]);
  assert.deepEqual(rulebook.schema.events[0]?.fields, [{ name: "note", type: "string", optional: true, private: false }]);
  assert.equal(rulebook.keywordSets[0]?.patterns, 1);
  assert.deepEqual(rulebook.findKeywords("abuse", "😀 a SCAM")?.[0]?.utf16, [5, 9]);
  assert.equal(rulebook.zone, "UTC");
  assert.equal(version(), "0.1.0");
  assert.deepEqual(parts(), ["zones", "regex", "lookalikes", "sound"]);
  using other = Rulebook.compile(RULES);
  assert.equal(other.runTests()[0]?.passed, true);
});

test("regular expressions know Unicode as far as the guide says", () => {
  const matches = (pattern: string, text: string): boolean => {
    using rulebook = Rulebook.compile(`entity customer
event note(customer) { text: string }
rule r { on note where text matches /${pattern}/ then tag found }`);
    using engine = new Engine(rulebook);
    return engine.process({ type: "note", time: 0, customer: "c", text }).length > 0;
  };
  const told: [string, string, string][] = [
    [String.raw`^\p{Han}+$`, "微信", "weixin"],
    [String.raw`^\p{L}+$`, "Straße", "12"],
    [String.raw`\p{Emoji_Presentation}`, "😀", "a"],
    [String.raw`^\w+\b`, "naïve", "-"],
    ["(?i)straße", "STRAẞE", "STRASSE"],
  ];
  for (const [pattern, yes, no] of told) {
    assert.deepEqual([matches(pattern, yes), matches(pattern, no)], [true, false], pattern);
  }
  for (const unknown of [String.raw`\p{Age=6.0}`, String.raw`\p{WB=ALetter}`]) {
    assert.throws(() => matches(unknown, ""), (error) => error instanceof CompileError && error.diagnostics[0]?.code === "E0207");
  }
});

test("the slim build says what it lacks", async () => {
  const slim = await import("tagwarden/slim");
  assert.deepEqual(slim.parts(), []);
  const found = slim.diagnose('timezone "Asia/Shanghai"\nentity customer\nevent m(customer) { text: string }\nrule r { on m where text matches /a/ then tag x }');
  assert.deepEqual(found.map(({ code }) => code), ["E0106", "E0207"]);
  assert.match(found[0]?.help ?? "", /feature `zones`/);
});
