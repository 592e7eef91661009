// What came of the events: customers, rules, coverage, tests, what was refused.
import { h, table } from "./dom.js";
import { reasonOf, timeline } from "./timeline.js";
import { clock, number, t } from "./words.js";

/** What each customer has in the end, from the decisions. */
export function subjectsOf(result) {
  const found = new Map();
  for (const decision of result.decisions) {
    const key = `${decision.entity}\u0000${decision.subject}`;
    let one = found.get(key);
    if (one === undefined) {
      one = { entity: decision.entity, subject: decision.subject, decisions: [], tags: new Set(), lists: new Map(), listed: 0 };
      found.set(key, one);
    }
    one.decisions.push(decision);
    if (decision.shadow) continue;
    if (decision.kind === "tagged") one.tags.add(decision.tag);
    else if (decision.kind === "untagged") one.tags.delete(decision.tag);
    else if (["listed", "level_changed", "resumed"].includes(decision.kind)) {
      one.lists.set(decision.list, decision.level);
      one.listed += 1;
    }
    else if (decision.kind === "unlisted" || decision.kind === "suspended") one.lists.delete(decision.list);
  }
  return [...found.values()].sort(
    (a, b) => b.lists.size - a.lists.size || Math.min(b.listed, 1) - Math.min(a.listed, 1) || b.tags.size - a.tags.size || b.decisions.length - a.decisions.length,
  );
}

function chips(one) {
  return [
    ...[...one.lists].map(([list, level]) => h("span", { class: `chip list level-${Math.min(level, 3)}` }, `${list} · ${t("level", level)}`)),
    ...[...one.tags].map((tag) => h("span", { class: "chip tag" }, tag)),
  ];
}

/** The list of customers, with a search. */
export function customers(state, choose) {
  const rows = h("ul", { class: "people" });
  const filter = h("input", { type: "search", placeholder: t("search"), "aria-label": t("search"), value: state.search });
  const kinds = ["all", "listed", "tagged"].map((kind) =>
    h("button", { type: "button", class: "pill", "aria-pressed": String(state.filter === kind), onclick: () => {
      state.filter = kind;
      for (const pill of kinds) pill.setAttribute("aria-pressed", String(pill === kinds[["all", "listed", "tagged"].indexOf(kind)]));
      draw();
    } }, t(kind)),
  );
  filter.addEventListener("input", () => {
    state.search = filter.value;
    draw();
  });
  const draw = () => {
    const wanted = state.search.trim().toLowerCase();
    const found = state.subjects.filter(
      (one) =>
        (state.filter === "all" || (state.filter === "listed" ? one.lists.size > 0 : one.tags.size > 0)) &&
        (wanted === "" || one.subject.toLowerCase().includes(wanted) || [...one.tags, ...one.lists.keys()].some((name) => name.toLowerCase().includes(wanted))),
    );
    rows.replaceChildren(
      ...found.slice(0, 300).map((one) =>
        h("li", {},
          h("button", { type: "button", class: "person", "aria-current": String(state.chosen?.entity === one.entity && state.chosen?.subject === one.subject), onclick: () => choose(one) },
            h("span", { class: "name" }, one.subject),
            h("span", { class: "chips" }, chips(one)),
            h("span", { class: "count" }, number(one.decisions.length)),
          ),
        ),
      ),
      ...(found.length > 300 ? [h("li", { class: "muted more" }, t("more", number(found.length - 300)))] : []),
      // Whom nothing was decided about can be asked for by key: that is where "why not" is wanted most.
      ...(found.length === 0 && wanted !== ""
        ? state.result.schema.entities.map((entity) => h("li", {}, h("button", { type: "button", class: "person", onclick: () => choose({ entity, subject: state.search.trim(), decisions: [], tags: new Set(), lists: new Map() }) }, h("span", { class: "name" }, state.search.trim()), h("span", { class: "chips muted" }, t("lookUp", entity)))))
        : []),
    );
  };
  draw();
  return h("div", { class: "list" }, h("div", { class: "filters" }, filter, h("div", { class: "pills" }, kinds)), rows);
}

/** One customer: state, timeline, reasons. */
export function detail({ one, answer, result, width }) {
  const { status, whyNot, events } = answer;
  const reason = h("div", { class: "reason", "aria-live": "polite" });
  const show = ({ event, decision, ended, until }) => {
    if (event !== undefined) {
      const fields = Object.entries(event).filter(([name]) => !["type", "time"].includes(name));
      reason.replaceChildren(
        h("h4", {}, `${t("event")} · ${event.type}`),
        h("p", { class: "muted" }, clock(typeof event.time === "string" && /^\d+$/.test(event.time) ? Number(event.time) : event.time, result.zone, true)),
        h("dl", {}, fields.map(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))])),
      );
    } else {
      const what = decision.tag ?? (decision.list ? decision.list + (decision.level ? ` · ${t("level", decision.level)}` : "") : (decision.channel ?? decision.name ?? decision.score ?? decision.action?.tag ?? decision.action?.list ?? decision.command ?? decision.into ?? Object.values(decision.from ?? {})[0] ?? ""));
      const by = decision.rule ?? decision.reason?.by?.actor;
      const end = ended?.time ?? until ?? decision.until;
      const value = decision.value === undefined ? "" : ` = ${decision.value}`;
      reason.replaceChildren(
        h("h4", {}, `${t("kinds")[decision.kind]} · ${what}${value}`),
        h("p", { class: "muted" }, clock(decision.time, result.zone, true), end ? ` → ${clock(end, result.zone, true)}` : "", by ? ` · ${by}` : "", decision.shadow ? ` · ${t("shadow")}` : ""),
        ...reasonOf(decision.reason, result.zone).filter(Boolean),
        ...(decision.why ? [h("p", {}, decision.why)] : []),
        ...(decision.text ? [h("p", {}, decision.text)] : []),
      );
    }
    reason.dataset.open = "true";
  };
  const latest = [...one.decisions].reverse().find((decision) => decision.kind === "listed") ?? [...one.decisions].reverse().find((decision) => decision.kind === "tagged");
  const drawing = timeline({ events, decisions: one.decisions, status, clockAt: result.clock, zone: result.zone, width, choose: show });
  if (latest) show({ decision: latest });
  else reason.append(h("p", { class: "muted" }, t("timelineHint")));
  return h("div", { class: "detail" },
    h("header", { class: "who" }, h("h2", {}, one.subject), h("span", { class: "muted" }, one.entity), h("span", { class: "chips" }, chips(one), status.scores.map((score) => h("span", { class: "chip score" }, `${score.score} ${score.value}`)))),
    h("section", { "aria-label": t("timeline") }, h("h3", {}, t("timeline"), h("small", {}, t("timelineHint"))), h("div", { class: "drawing", tabindex: "-1" }, drawing), reason),
    h("section", { "aria-label": t("why") }, h("h3", {}, t("why"), h("small", {}, t("whyHint"))), whyList(whyNot, result.zone)),
  );
}

/** What the condition comes to: an event or a time of day has to come as well where the trigger is one. */
function verdict({ rule, answer }) {
  if (!answer.holds) return { mark: "–", words: t("holdsNot"), kind: "" };
  if (rule.trigger === "on") return { mark: "○", words: t("atNextEvent"), kind: "waits" };
  if (rule.trigger === "every") return { mark: "○", words: t("atItsTime"), kind: "waits" };
  return { mark: "✓", words: t("holds"), kind: "holds" };
}

function whyList(whyNot, zone) {
  const rank = { holds: 0, waits: 1, "": 2 };
  const ordered = whyNot.map((one) => ({ ...one, verdict: verdict(one) })).sort((a, b) => rank[a.verdict.kind] - rank[b.verdict.kind]);
  return h("div", { class: "whys" }, ordered.map(({ rule, answer, verdict: { mark, words, kind } }) =>
    h("details", { class: kind },
      h("summary", {},
        h("span", { class: "verdict", "aria-hidden": "true" }, mark),
        h("span", { class: "name" }, rule.name), h("span", { class: "muted title" }, rule.title ?? ""),
        h("span", { class: "state" }, words)),
      h("ul", { class: "because" },
        answer.parts.map(({ evidence, missing, before }) =>
          h("li", { class: evidence.holds === false ? "fails" : "" }, h("code", {}, evidence.expr), " = ", h("b", {}, evidence.value), evidence.op ? ` ${evidence.op} ${evidence.than}` : "",
            missing ? h("span", { class: "missing" }, ` · ${t("missing", missing)}`) : null,
            before ? h("span", { class: "muted" }, `${t("before")} ${clock(before, zone)}`) : null)),
        answer.quiet_until ? h("li", { class: "muted" }, `${t("quiet")} ${clock(answer.quiet_until, zone)}`) : null,
        answer.inactive ? h("li", { class: "muted" }, t("inactive")) : null,
        answer.parts.length === 0 && !answer.quiet_until && !answer.inactive ? h("li", { class: "muted" }, t("noCondition")) : null))));
}

/** Decisions of each rule. */
function counts(result) {
  const found = new Map(result.rules.map((rule) => [rule.name, { rule, count: 0, subjects: new Set(), last: null }]));
  for (const decision of result.decisions) {
    const one = found.get(decision.rule);
    if (one === undefined) continue;
    one.count += 1;
    one.subjects.add(`${decision.entity}\u0000${decision.subject}`);
    one.last = decision.time;
  }
  return [...found.values()];
}

const ruleCell = (rule) => [h("span", { class: "mono" }, rule.name), rule.shadow ? h("span", { class: "chip shadow" }, t("shadow")) : null];

export function byRule(result) {
  const rows = counts(result).sort((a, b) => b.count - a.count).map(({ rule, count, subjects, last }) => [
    [ruleCell(rule), rule.title ? h("div", { class: "muted" }, rule.title) : null], number(count), number(subjects.size),
    last ? clock(last, result.zone) : h("span", { class: "muted" }, t("never")),
  ]);
  return table(t("byRule"), [t("rule"), `#${t("fired")}`, `#${t("subjects")}`, t("last")], rows);
}

export function coverage(result) {
  const checks = new Map();
  for (const report of result.tests) for (const check of report.checks) if (check.rule) checks.set(check.rule, (checks.get(check.rule) ?? 0) + 1);
  const all = counts(result);
  const fired = all.filter(({ count }) => count > 0).length;
  const tested = all.filter(({ rule }) => checks.has(rule.name)).length;
  const meter = (value, label) => h("div", { class: "meter" }, h("progress", { max: all.length || 1, value, "aria-label": label }), h("span", {}, label));
  const most = Math.max(1, ...all.map(({ count }) => count));
  const rows = all.map(({ rule, count }) => [
    ruleCell(rule),
    h("progress", { class: count === 0 ? "zero" : "", max: 100, value: count === 0 ? 0 : Math.max(3, (Math.log1p(count) / Math.log1p(most)) * 100), "aria-label": String(count) }),
    count === 0 ? h("span", { class: "warn" }, t("never")) : number(count),
    checks.has(rule.name) ? t("checks", checks.get(rule.name)) : h("span", { class: "muted" }, t("untested")),
  ]);
  return h("div", {}, h("div", { class: "meters" }, meter(fired, t("covered", fired, all.length)), meter(tested, t("coveredTests", tested, all.length))),
    table(t("coverage"), [t("rule"), "", `#${t("fired")}`, t("tests")], rows));
}

export function tests(result, goTo) {
  if (result.tests.length === 0) return h("p", { class: "empty" }, t("noTests"));
  const passed = result.tests.filter((report) => report.passed).length;
  return h("div", {},
    h("p", { class: passed === result.tests.length ? "summary good" : "summary bad" }, t("passed", passed, result.tests.length)),
    h("ul", { class: "tests" }, result.tests.map((report) =>
      h("li", { class: report.passed ? "good" : "bad" },
        h("button", { type: "button", class: "link", onclick: () => report.place && goTo(report.place) }, h("span", { class: "verdict" }, report.passed ? "✓" : "✗"), report.name),
        report.checks.filter((check) => !check.passed).map((check) =>
          h("p", { class: "failed" }, h("button", { type: "button", class: "link", onclick: () => check.place && goTo(check.place) }, `${t("line")} ${check.place?.line ?? "?"}`),
            ` ${t("expected")} `, h("b", {}, check.expected), `, ${t("found")} `, h("b", {}, check.found), ` · ${check.local}`))))));
}

export function refusals(result) {
  const rows = result.refused.map((one) => [number(one.line), one.message]);
  const more = result.refusals - result.refused.length;
  return h("div", {}, table(t("refusedTab"), [`#${t("lineNo")}`, t("what")], rows), more > 0 ? h("p", { class: "muted more" }, t("more", number(more))) : null);
}
