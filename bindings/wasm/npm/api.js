// The package as JavaScript sees it. Rust decides; this file only carries texts and bytes across.
import * as glue from "./glue.js";
import { TagwardenError, call, placed } from "./errors.js";

export { CompileError, InputError, QueryError, SnapshotError, TagwardenError } from "./errors.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What nobody has freed is freed when it is collected. */
const forgotten = new FinalizationRegistry((raw) => raw.free());

/** An object of the module, until it is freed. */
class Owner {
  #raw;

  constructor(raw) {
    this.#raw = raw;
    forgotten.register(this, raw, this);
  }

  /** The object in the module. */
  static raw(owner) {
    if (!(owner instanceof Owner)) throw new TypeError("expected an object of this package");
    if (owner.#raw === null) throw new TagwardenError("this object has been freed, or a bug has broken it");
    return owner.#raw;
  }

  /** Calls into the module. After a trap the state is not known, so the object can't be used again. */
  static use(owner, work) {
    const raw = Owner.raw(owner);
    try {
      return call(() => work(raw));
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) {
        forgotten.unregister(owner);
        owner.#raw = null;
      }
      throw error;
    }
  }

  free() {
    if (this.#raw === null) return;
    forgotten.unregister(this);
    const raw = this.#raw;
    this.#raw = null;
    raw.free();
  }
}

// Older engines have no `using`; the symbol is there all the same.
const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
Owner.prototype[dispose] = Owner.prototype.free;

function text(value, name) {
  if (typeof value !== "string") throw new TypeError(`${name}: expected a string, found ${typeof value}`);
  return value;
}

/** A time as the module reads it. */
function time(value) {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError("time: this Date is invalid");
    return value.toISOString();
  }
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return value;
  throw new TypeError("time: expected a Date, whole milliseconds since 1970, or a text such as 2026-01-02T03:04:05Z");
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of a number, or of a text such as `1h30m`. */
function length(value, name) {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  if (typeof value === "string" && /^(\d+[smhdw])+$/.test(value)) {
    let sum = 0;
    for (const [, count, unit] of value.matchAll(/(\d+)([smhdw])/g)) sum += Number(count) * UNITS[unit];
    if (Number.isSafeInteger(sum)) return sum;
  }
  throw new TypeError(`${name}: expected milliseconds, or a text such as 90s, 30m, 24h or 7d`);
}

function options({ lateness, dedup, hashKey, limits = {} } = {}) {
  return JSON.stringify({
    lateness: length(lateness, "lateness"),
    dedup: length(dedup, "dedup"),
    hashKey: hashKey === undefined ? undefined : Array.from(hashKey),
    limits,
  });
}

function sources({ name = "main.tw", files = {}, limits = {} } = {}) {
  return [text(name, "name"), JSON.stringify(files), JSON.stringify(limits)];
}

/** An event as JSON. A BigInt is written as the number that it is, with every digit. */
function json(event) {
  if (event === null || typeof event !== "object") throw new TypeError("expected an event: an object");
  const values = Object.entries(event);
  if (!values.some(([, value]) => typeof value === "bigint")) return JSON.stringify(event);
  const written = values
    .map(([name, value]) => [name, typeof value === "bigint" ? String(value) : JSON.stringify(value)])
    .filter(([, value]) => value !== undefined);
  return `{${written.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** A compiled rulebook. Any number of engines can share it. */
export class Rulebook extends Owner {
  /** Compiles a text, or throws a CompileError with every mistake. */
  static compile(source, given) {
    const [name, files, limits] = sources(given);
    return new Rulebook(call(() => glue.RawRulebook.compile(name, text(source, "source"), files, limits)));
  }

  get warnings() {
    return JSON.parse(Owner.use(this, (raw) => raw.warnings())).map(placed);
  }

  get schema() {
    return JSON.parse(Owner.use(this, (raw) => raw.schema()));
  }

  get rules() {
    return JSON.parse(Owner.use(this, (raw) => raw.rules()));
  }

  get zone() {
    return Owner.use(this, (raw) => raw.zone());
  }

  get keywordSets() {
    return JSON.parse(Owner.use(this, (raw) => raw.keyword_sets()));
  }

  findKeywords(set, where) {
    return JSON.parse(Owner.use(this, (raw) => raw.find_keywords(text(set, "set"), text(where, "text"))));
  }

  runTests() {
    return JSON.parse(Owner.use(this, (raw) => raw.run_tests()));
  }
}

/** What a batch has decided: bytes of JSON Lines, read only where somebody asks. */
class Batch {
  #decisions;

  constructor(count, jsonl, refused, read, total) {
    this.count = count;
    this.jsonl = jsonl;
    this.refused = refused;
    this.read = read;
    this.total = total;
  }

  get decisions() {
    if (this.#decisions === undefined) {
      const lines = decoder.decode(this.jsonl).trimEnd();
      this.#decisions = lines === "" ? [] : JSON.parse(`[${lines.replaceAll("\n", ",")}]`);
    }
    return this.#decisions;
  }
}

function bytes(inputs) {
  if (inputs instanceof Uint8Array) return inputs;
  if (inputs instanceof ArrayBuffer) return new Uint8Array(inputs);
  if (typeof inputs === "string") return encoder.encode(inputs);
  if (Array.isArray(inputs)) return encoder.encode(inputs.map(json).join("\n"));
  throw new TypeError("inputs: expected an array of events, or JSON Lines or CSV as text or bytes");
}

/** A stream of inputs under a rulebook. */
export class Engine extends Owner {
  constructor(rulebook, given) {
    super(
      rulebook instanceof glue.RawEngine
        ? rulebook
        : Owner.use(rulebook, (raw) => new glue.RawEngine(raw, options(given))),
    );
  }

  /** An engine that goes on where a snapshot was taken. */
  static restore(rulebook, snapshot, given) {
    if (!(snapshot instanceof Uint8Array)) throw new TypeError("snapshot: expected a Uint8Array");
    return new Engine(Owner.use(rulebook, (raw) => glue.RawEngine.restore(raw, options(given), snapshot)));
  }

  snapshot() {
    return Owner.use(this, (raw) => raw.snapshot());
  }

  process(event) {
    const written = json(event);
    return JSON.parse(Owner.use(this, (raw) => raw.process(written)));
  }

  processBatch(inputs, given) {
    for (const batch of this.batches(inputs, { ...given, size: 0xffff_ffff })) return batch;
    return new Batch(0, new Uint8Array(), [], 0, 0);
  }

  *batches(inputs, { format = "jsonl", event, size = 4096 } = {}) {
    if (format !== "jsonl" && format !== "csv") throw new TypeError('format: expected "jsonl" or "csv"');
    if (!Number.isInteger(size) || size < 1) throw new TypeError("size: expected a whole number from 1");
    const all = bytes(inputs);
    const feed = Owner.use(this, (raw) => new glue.RawFeed(raw, all, format, event));
    try {
      for (;;) {
        const count = Owner.use(this, (raw) => feed.step(raw, Math.min(size, 0xffff_ffff)));
        if (count === 0) return;
        const refused = JSON.parse(feed.refused());
        yield new Batch(count, feed.decisions(), refused, feed.read(), all.length);
      }
    } finally {
      feed.free();
    }
  }

  advanceTo(when) {
    return JSON.parse(Owner.use(this, (raw) => raw.advance_to(time(when))));
  }

  finish() {
    return JSON.parse(Owner.use(this, (raw) => raw.finish()));
  }

  get clock() {
    return Owner.use(this, (raw) => raw.clock());
  }

  get subjects() {
    return Owner.use(this, (raw) => raw.subjects());
  }

  status(entity, key, when) {
    return JSON.parse(Owner.use(this, (raw) => raw.status(text(entity, "entity"), text(key, "key"), time(when))));
  }

  permits(entity, key, channel, when) {
    const [of, by, over] = [text(entity, "entity"), text(key, "key"), text(channel, "channel")];
    return JSON.parse(Owner.use(this, (raw) => raw.permits(of, by, over, time(when))));
  }

  recordContact(entity, key, when) {
    Owner.use(this, (raw) => raw.record_contact(text(entity, "entity"), text(key, "key"), time(when)));
  }

  whyNot(rule, entity, key, when) {
    const [which, of, by] = [text(rule, "rule"), text(entity, "entity"), text(key, "key")];
    return JSON.parse(Owner.use(this, (raw) => raw.why_not(which, of, by, time(when))));
  }

  forget(entity, key) {
    return JSON.parse(Owner.use(this, (raw) => raw.forget(text(entity, "entity"), text(key, "key"))));
  }

  reload(rulebook, { orphans = "end" } = {}) {
    if (orphans !== "end" && orphans !== "keep") throw new TypeError('orphans: expected "end" or "keep"');
    const next = Owner.raw(rulebook);
    return JSON.parse(Owner.use(this, (raw) => raw.reload(next, orphans === "keep")));
  }
}

/** A text in the one style. */
export function format(source) {
  return call(() => glue.format_text(text(source, "source")));
}

/** Every error and warning of a text; places in UTF-16 units. */
export function diagnose(source, given) {
  const [name, files, limits] = sources(given);
  return JSON.parse(call(() => glue.diagnose(name, text(source, "source"), files, limits))).map(placed);
}

function place(offset) {
  if (!Number.isInteger(offset) || offset < 0) throw new TypeError("offset: expected a whole number from 0");
  return Math.min(offset, 0xffff_ffff);
}

/** What may stand at an offset of a text, in UTF-16 units. */
export function complete(source, offset, { files = {} } = {}) {
  return JSON.parse(call(() => glue.complete(text(source, "source"), place(offset), JSON.stringify(files))));
}

/** What stands at an offset of a text, in UTF-16 units; `null` where there is nothing to say about it. */
export function hover(source, offset, { files = {} } = {}) {
  return JSON.parse(call(() => glue.hover(text(source, "source"), place(offset), JSON.stringify(files))));
}

/** The version of the package. */
export function version() {
  return glue.version();
}

/** The optional parts that are in this build: `zones`, `regex`, `lookalikes`, `sound`. */
export function parts() {
  return JSON.parse(glue.parts());
}
