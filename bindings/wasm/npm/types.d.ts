/** A point in time: a `Date`, whole milliseconds since 1970, or RFC 3339 with an offset such as `2026-01-02T03:04:05+08:00`. */
export type Time = Date | number | bigint | string;

/** A length of time: milliseconds, or whole `s`, `m`, `h`, `d`, `w` such as `90s`, `1h30m` or `7d`. */
export type Length = number | string;

/** The texts that a rulebook may name by `use "…"` and `keywords … from "…"`, by their names. */
export type Files = Readonly<Record<string, string>>;

/** Limits that differ from the defaults; each gives its own error. */
export interface Limits {
  source_bytes?: number;
  nesting?: number;
  operators?: number;
  rules?: number;
  patterns?: number;
  keyword_hits?: number;
  regex_bytes?: number;
  held_events?: number;
  subjects?: number;
  decisions?: number;
  held_inputs?: number;
  text_bytes?: number;
}

export interface CompileOptions {
  /** What messages call the text. Default: `main.tw`. */
  name?: string;
  files?: Files;
  limits?: Limits;
}

export interface EngineOptions {
  /** How late an input may come: until then inputs are held and put in order. Default: 0. */
  lateness?: Length;
  /** An event whose `id` was applied within this time is refused as a duplicate. Default: none. */
  dedup?: Length;
  /** 16 bytes: the key of the hashes that stand for private values in state. */
  hashKey?: Uint8Array | readonly number[];
  limits?: Limits;
}

/** A value of a field. Money that has more digits than a `number` holds comes as a text or a `bigint`. */
export type FieldValue = string | number | bigint | boolean | Date | null | undefined;

/** An event: its type, its time, the keys of its entities, an `id` where there is one, and its fields. */
export type EventInput = { type: string; time: Time; id?: string } & Record<string, FieldValue>;

/** The clock moves to a time, and nothing else happens. */
export interface TickInput {
  tick: Time;
}

/** What a command, an exemption or an appeal is about: a tag or a list, by name. */
export type About = { tag: string } | { list: string };

/** What somebody is spared: a rule, a tag or a list, by name. */
export type Spared = { rule: string } | About;

/** How long something holds; as the rulebook says where neither is given. */
export type Term = { for?: string } | { until?: Time | "never" };

/** Until when something does not count; it comes back by itself. A session alone ends with it, or after a day. */
export type Suspension = { for: string; session?: string } | { until: Time; session?: string } | { session: string };

/** What a person does. */
export type Deed =
  | ({ command: "tag"; tag: string; start?: Time } & Term)
  | { command: "untag"; tag: string }
  | ({ command: "list"; list: string; level?: number; category?: string; start?: Time; review?: string } & Term)
  | { command: "release"; list: string }
  | { command: "level"; list: string; level: number }
  | ({ command: "suspend"; list: string } & Suspension)
  | { command: "resume"; list: string; session?: string }
  | { command: "approve" | "reject" | "lapse"; proposal: number }
  | { command: "review"; list: string; outcome: "keep"; next?: Time; review?: string }
  | { command: "review"; list: string; outcome: "change"; level: number; next?: Time; review?: string }
  | { command: "review"; list: string; outcome: "release" }
  | ({ command: "appeal" } & About)
  | ({ command: "settle"; outcome: "granted" | "rejected" } & About)
  | ({ command: "wrong"; rule: string } & About)
  | ({ command: "exempt" } & Spared & Term)
  | ({ command: "lift" } & (Spared | ({ rule: string } & About)))
  | { command: "merge"; into: string }
  | { command: "forget" };

/** A command of a person, about one subject. One that the rulebook does not allow is answered with a decision `refused`. */
export type CommandInput = Deed & {
  time: Time;
  id?: string;
  actor: string;
  role?: string;
  /** Why, in the actor's words. */
  reason: string;
  entity: string;
  subject: string;
};

export type Input = EventInput | CommandInput | TickInput;

/** Offsets from the start of a text, from 0. */
export interface Offsets {
  byte: number;
  char: number;
  utf16: number;
}

/** A range of a text, with the line and column (in code points, from 1) where it begins. */
export interface Place {
  file: string;
  line: number;
  column: number;
  start: Offsets;
  end: Offsets;
}

/** A mistake or a warning. */
export interface Diagnostic {
  /** `E0101`, …; each has a page in the guide. */
  code: string;
  severity: "error" | "warning";
  /** What is wrong, in one line. */
  message: string;
  /** The remark at the place; may be empty. */
  label: string;
  /** What to do about it. */
  help?: string;
  /** The place in UTF-16 units, as JavaScript counts. */
  from: number;
  to: number;
  place: Place;
  /** Other places that matter. */
  labels: { text: string; from: number; to: number; place: Place }[];
}

/** A keyword found in a text. `start` and `end` are code points, `utf16` the same in UTF-16 units. */
export interface KeywordHit {
  pattern: string;
  category?: string;
  text: string;
  start: number;
  end: number;
  bytes: [number, number];
  utf16: [number, number];
  /** What had to be undone to find it. */
  undone?: string[];
  /** The phrase that spares it. */
  except?: string;
}

/** One comparison that mattered. */
export interface Evidence {
  expr: string;
  /** Numbers are exact decimals, so texts. */
  value: string;
  op?: string;
  than?: string;
  /** `false` where it does not hold. */
  holds?: boolean;
  events?: number;
  first?: string;
  last?: string;
  /** Until then the window of the aggregate is not yet full. */
  warming_until?: string;
  hits?: KeywordHit[];
}

export interface Reason {
  /** The text of `because`, or the reason that a person gave. */
  text?: string;
  because?: Evidence[];
  /** The person that it comes from. */
  by?: { actor: string; role?: string; time: string };
}

export type Action =
  | { kind: "tag" | "untag"; tag: string }
  | { kind: "add"; list: string; level: number; category?: string }
  | { kind: "remove"; list: string }
  | { kind: "level"; list: string; level: number }
  | { kind: "score"; score: string; value: string }
  | { kind: "notify"; channel: string; text?: string }
  | { kind: "emit"; name: string; fields: Record<string, string | boolean> };

/** Why something ended. */
export type EndCause =
  | "expired" | "until" | "withdrawn" | "removed" | "superseded" | "rule_gone" | "wrong" | "appeal" | "review";

/** Why a command is refused. */
export type RefusalCode =
  | "role" | "second_person" | "unknown_subject" | "unknown_tag" | "unknown_list" | "unknown_level" | "unknown_category"
  | "unknown_rule" | "absent" | "already" | "time";

interface Decided<K extends string> {
  kind: K;
  /** RFC 3339 in UTC. */
  time: string;
  entity: string;
  subject: string;
  rule?: string;
  version?: string;
  /** `true` where nothing has changed, because the rule is a shadow. */
  shadow?: true;
  reason?: Reason;
}

/** What the engine decided. The keys and their order are those of the command line. */
export type Decision =
  | (Decided<"tagged"> & { tag: string; until?: string })
  | (Decided<"untagged"> & { tag: string; cause: EndCause })
  | (Decided<"listed"> & { list: string; level: number; category?: string; until?: string })
  | (Decided<"level_changed"> & { list: string; level: number; from: number })
  | (Decided<"unlisted"> & { list: string; cause: EndCause })
  | (Decided<"scored"> & { score: string; value: string })
  | (Decided<"proposed"> & { proposal?: number; action: Action })
  | (Decided<"withheld"> & { action: Action })
  | (Decided<"notified"> & { channel: string; text?: string })
  | (Decided<"review_due"> & { list: string; level: number })
  | (Decided<"emitted"> & { name: string; fields: Record<string, string | boolean> })
  | (Decided<"planned"> & About & { level?: number; start: string; until?: string })
  | (Decided<"renewed"> & About & { level?: number; until?: string })
  | (Decided<"suspended"> & { list: string; until: string; session?: string })
  | (Decided<"resumed"> & { list: string; level: number })
  | (Decided<"approved" | "rejected" | "lapsed"> & { proposal: number; action: Action })
  | (Decided<"reviewed"> & { list: string; outcome: "keep" | "change" | "release"; level?: number; next?: string })
  | (Decided<"appealed"> & About)
  | (Decided<"settled"> & About & { outcome: "granted" | "rejected" })
  | (Decided<"marked_wrong"> & About & { marked: string })
  | (Decided<"exempted"> & { from: Spared; until?: string })
  | (Decided<"lifted"> & { cause: EndCause } & ({ from: Spared } | ({ marked: string } & About)))
  | (Decided<"merged"> & { into: string })
  | (Decided<"refused"> & { command: string; code: RefusalCode; why: string })
  | Decided<"forgotten">;

/** Why an input was refused. */
export type Refusal = { message: string } & (
  | { kind: "late"; time: string; clock: string }
  | { kind: "duplicate"; id: string }
  | { kind: "invalid"; path: string; expected: string; found: string }
  | { kind: "unfinished"; clock: string }
  | { kind: "limit"; limit: string; most: number }
  | { kind: "other" }
);

/** What a batch, or a step of one, has come to. */
export interface Batch {
  /** How many inputs there were. */
  readonly count: number;
  /** The decisions in order; read from `jsonl` when first asked for. */
  readonly decisions: Decision[];
  /** The decisions as JSON Lines, to the byte as the command line writes them. */
  readonly jsonl: Uint8Array;
  /** What was refused, by line from 1; the others were applied. */
  readonly refused: (Refusal & { line: number })[];
  /** How many bytes have been read so far, of how many. */
  readonly read: number;
  readonly total: number;
}

export interface BatchOptions {
  /** What texts and bytes are. Default: `jsonl`. */
  format?: "jsonl" | "csv";
  /** The type of every row of a CSV without a column `type`. */
  event?: string;
}

export interface Entry {
  list: string;
  level: number;
  label: string | null;
  category: string | null;
  since: string;
  /** When it ends by itself if nothing more happens; `null` for never. */
  ends: string | null;
  /** `null` for a person. */
  rule: string | null;
  reason: Reason;
}

/** What holds of a subject. */
export interface Status {
  tags: { tag: string; since: string; ends: string | null; rule: string | null; reason: Reason }[];
  entries: Entry[];
  scores: { score: string; value: string }[];
  proposals: { proposal: number; action: Action; since: string; rule: string | null; reason: Reason }[];
  /** Entries that do not count for a while. */
  suspended: { list: string; level: number; since: string; until: string; session: string | null; reason: Reason }[];
  /** Tags and entries that have yet to begin. */
  planned: { about: About; level: number | null; start: string; until: string | null; rule: string | null; reason: Reason }[];
  /** What the subject is spared. */
  exemptions: { from: Spared; since: string; until: string | null; reason: Reason }[];
  /** What rules were wrong to set, and may not set again. */
  marks: { rule: string; about: About; since: string; reason: Reason }[];
  /** The appeals that nobody has decided. */
  appeals: { about: About; since: string; reason: Reason }[];
}

/** Whether a message may go out. */
export type Permit =
  | { permit: "allowed" }
  | { permit: "limited"; entry: Entry; count: number; per: string; left: number }
  | { permit: "denied"; entry?: Entry };

/** Why a rule does not fire, and what is missing. */
export interface WhyNot {
  holds: boolean;
  shadow: boolean;
  /** Whether `active from … until …` keeps it still. */
  inactive: boolean;
  /** Until then `at most once per` keeps it still. */
  quiet_until: string | null;
  parts: { evidence: Evidence; missing: string | null; before: string | null }[];
}

export interface ReloadReport {
  rules: Record<string, "kept" | "changed" | "new" | "gone">;
  windows: { what: string; kept: boolean; warming_until: string | null }[];
  orphaned_grants: number;
  decisions: Decision[];
}

export interface Schema {
  entities: string[];
  events: {
    name: string;
    entities: string[];
    fields: { name: string; type: string; optional: boolean; private: boolean }[];
  }[];
}

export interface RuleInfo {
  name: string;
  version: string;
  title: string | null;
  entity: string;
  trigger: "on" | "when" | "while" | "every";
  shadow: boolean;
}

export interface KeywordSetInfo {
  name: string;
  patterns: number;
  except: number;
  undone: string[];
  categories: string[];
}

/** A range of a rulebook in UTF-16 units, and the line that it begins on. */
export interface TextRange {
  file: string;
  line: number;
  from: number;
  to: number;
}

/** How a `test` block went. */
export interface TestReport {
  name: string;
  passed: boolean;
  events: number;
  place: TextRange | null;
  checks: {
    time: string;
    local: string;
    passed: boolean;
    expected: string;
    found: string;
    rule: string | null;
    reason: Reason | null;
    place: TextRange | null;
  }[];
}

export type CompletionKind =
  | "field" | "value" | "event" | "entity" | "tag" | "list" | "score" | "keywords" | "rule" | "function" | "word" | "snippet";

export interface Completions {
  /** What a choice replaces, in UTF-16 units. */
  from: number;
  to: number;
  items: { label: string; insert: string; kind: CompletionKind; detail: string }[];
}

export interface Hover {
  /** What it is about, in UTF-16 units. */
  from: number;
  to: number;
  /** The thing itself as one would write it. */
  title: string;
  /** What it means; may be empty. */
  text: string;
}

/** Something in the module's memory. It is freed when it is collected, or at once by `free` or `using`. */
declare class Owner {
  protected constructor();
  free(): void;
  [Symbol.dispose](): void;
}

/** A compiled rulebook. Any number of engines can share it. */
export declare class Rulebook extends Owner {
  /** Compiles a text. Throws a {@link CompileError} with every mistake at once. */
  static compile(source: string, options?: CompileOptions): Rulebook;
  readonly warnings: Diagnostic[];
  readonly schema: Schema;
  /** In the order in which they run. */
  readonly rules: RuleInfo[];
  /** The time zone of calendar windows and schedules. */
  readonly zone: string;
  readonly keywordSets: KeywordSetInfo[];
  /** What a keyword set finds in a text; `null` if there is none of the name. */
  findKeywords(set: string, text: string): KeywordHit[] | null;
  /** Runs its `test` blocks. */
  runTests(): TestReport[];
}

/** A stream of inputs under a rulebook. Throws a {@link InputError} for what it refuses; then nothing has changed. */
export declare class Engine extends Owner {
  constructor(rulebook: Rulebook, options?: EngineOptions);
  /** An engine that goes on where a snapshot was taken. Throws a {@link SnapshotError}. */
  static restore(rulebook: Rulebook, snapshot: Uint8Array, options?: EngineOptions): Engine;
  /** The whole state, to be restored under the same rulebook. */
  snapshot(): Uint8Array;
  process(input: Input): Decision[];
  /** Many inputs: an array of objects, or JSON Lines or CSV as text or bytes. What is refused is reported, and the others go on. */
  processBatch(inputs: readonly Input[] | string | Uint8Array | ArrayBuffer, options?: BatchOptions): Batch;
  /** The same in steps of `size` inputs, so that one can show how far it is. */
  batches(
    inputs: readonly Input[] | string | Uint8Array | ArrayBuffer,
    options?: BatchOptions & { size?: number },
  ): Generator<Batch, void, void>;
  /** Moves the clock: what has fallen due by then happens. */
  advanceTo(time: Time): Decision[];
  /** Applies what `lateness` holds back. */
  finish(): Decision[];
  /** The newest time that it has seen; `undefined` before the first input. */
  readonly clock: string | undefined;
  /** How many subjects it knows. */
  readonly subjects: number;
  /** Throws a {@link QueryError} for an entity that there is not, or a time before the clock. */
  status(entity: string, key: string, time: Time): Status;
  permits(entity: string, key: string, channel: string, time: Time): Permit;
  /** Notes that a message went out, for the allowance of a `limits` level. */
  recordContact(entity: string, key: string, time: Time): void;
  whyNot(rule: string, entity: string, key: string, time: Time): WhyNot;
  /** Removes every trace of a subject; `null` if there was none. */
  forget(entity: string, key: string): Decision | null;
  /** Goes on with another rulebook. */
  reload(rulebook: Rulebook, options?: { orphans?: "end" | "keep" }): ReloadReport;
}

/** What every error of this package is; a wrong argument is a `TypeError`. */
export declare class TagwardenError extends Error {}

/** A rulebook that does not compile. */
export declare class CompileError extends TagwardenError {
  readonly diagnostics: Diagnostic[];
}

/** An input that was refused. */
export declare class InputError extends TagwardenError {
  readonly kind: Refusal["kind"];
  readonly path?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly time?: string;
  readonly clock?: string;
  readonly id?: string;
  readonly limit?: string;
  readonly most?: number;
  /** What had been decided before the limit on decisions of one call was reached. */
  readonly decisions?: Decision[];
}

/** A question without an answer. */
export declare class QueryError extends TagwardenError {
  readonly kind: "unknown_entity" | "unknown_rule" | "past" | "other";
}

/** A snapshot that is refused. */
export declare class SnapshotError extends TagwardenError {
  readonly kind: "foreign" | "newer" | "damaged" | "other_rulebook" | "other_key" | "limit" | "other";
}

/** A text in the one style. Throws a {@link CompileError} where it cannot be read. */
export declare function format(source: string): string;

/** Every error and warning of a text. */
export declare function diagnose(source: string, options?: CompileOptions): Diagnostic[];

/** What may stand at an offset of a text, in UTF-16 units. */
export declare function complete(source: string, offset: number, options?: { files?: Files }): Completions;

/** What stands at an offset of a text; `null` where there is nothing to say about it. */
export declare function hover(source: string, offset: number, options?: { files?: Files }): Hover | null;

/** The version of the package. */
export declare function version(): string;

/** The optional parts that are in this build. */
export declare function parts(): ("zones" | "regex" | "lookalikes" | "sound")[];
