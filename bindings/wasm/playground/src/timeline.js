// What happened to one customer, drawn: events as marks, tags and entries as bars with their ends.
import { h, svg } from "./dom.js";
import { clock, t } from "./words.js";

const LANE = 26;
const LEFT = 132;
const TOP = 26;
/** What a bar shows: the others are marks. */
const BARS = ["tagged", "untagged", "listed", "unlisted", "level_changed", "suspended", "resumed"];

/** Bars from decisions: what began, what it became, and where it ended. */
export function spans(decisions) {
  const open = new Map();
  const found = [];
  for (const decision of decisions) {
    const shadow = decision.shadow ? "~" : "";
    const name = decision.tag ?? decision.list;
    const key = `${shadow}${decision.tag === undefined ? "list" : "tag"}:${name}`;
    const begin = (kind, label, level) => {
      const bar = { kind, name, label, level, shadow: decision.shadow === true, start: decision.time, end: null, until: decision.until ?? null, began: decision, ended: null };
      open.set(key, bar);
      found.push(bar);
    };
    const finish = () => {
      const bar = open.get(key);
      if (bar !== undefined) {
        [bar.end, bar.ended] = [decision.time, decision];
        open.delete(key);
      }
    };
    if (decision.kind === "tagged") {
      if (open.has(key)) finish();
      begin("tag", name, 0);
    } else if (["listed", "level_changed", "resumed"].includes(decision.kind)) {
      if (open.has(key)) finish();
      begin("list", `${name} · ${t("level", decision.level)}`, decision.level);
    } else if (["untagged", "unlisted", "suspended"].includes(decision.kind)) finish();
  }
  return found;
}

/** The drawing; `choose` is called with a decision or event whose reason is wanted. */
export function timeline({ events, decisions, status, clockAt, zone, width, choose }) {
  const bars = spans(decisions);
  const points = decisions.filter((one) => !BARS.includes(one.kind));
  const end = Date.parse(clockAt);
  const times = [...events.map((event) => at(event.time)), ...decisions.map((one) => at(one.time))];
  const start = Math.min(...times, end - 86_400_000);
  // What goes on is shown a little beyond the clock.
  const right = end + Math.max((end - start) * 0.06, 3_600_000);
  const wide = Math.max(width, 320);
  const left = wide < 520 ? 92 : LEFT;
  const x = (time) => left + ((Math.min(time, right) - start) / (right - start)) * (wide - left - 12);

  const lanes = [];
  for (const type of [...new Set(events.map((event) => event.type))]) {
    lanes.push({ label: type, kind: "events", items: events.filter((event) => event.type === type) });
  }
  for (const name of [...new Set(bars.map((bar) => `${bar.kind}:${bar.name}`))]) {
    const own = bars.filter((bar) => `${bar.kind}:${bar.name}` === name);
    lanes.push({ label: own[0].name, kind: own[0].kind, items: own });
  }
  for (const kind of [...new Set(points.map((one) => one.kind))]) {
    lanes.push({ label: t("kinds")[kind], kind: "points", items: points.filter((one) => one.kind === kind) });
  }
  const height = TOP + lanes.length * LANE + 8;
  const drawing = svg("svg", { viewBox: `0 0 ${wide} ${height}`, width: wide, height, class: "timeline", role: "group", "aria-label": t("timeline") });
  axis(drawing, { start, right, x, height, zone, wide: wide - left });
  drawing.append(svg("line", { x1: x(end), x2: x(end), y1: TOP - 6, y2: height, class: "now" }));

  lanes.forEach((lane, index) => {
    const y = TOP + index * LANE;
    const middle = y + LANE / 2;
    drawing.append(svg("line", { x1: left, x2: wide - 12, y1: y + LANE, y2: y + LANE, class: "lane" }));
    const label = svg("text", { x: left - 10, y: middle + 4, class: `label ${lane.kind}`, "text-anchor": "end" }, fit(lane.label, left));
    label.append(svg("title", {}, lane.label));
    drawing.append(label);
    if (lane.kind === "events") {
      for (const event of lane.items) drawing.append(mark(event, x(at(event.time)), middle, "event", () => choose({ event }), zone));
    } else if (lane.kind === "points") {
      for (const one of lane.items) {
        drawing.append(mark(one, x(at(one.time)), middle, `point ${one.shadow ? "shadow" : ""}`, () => choose({ decision: one }), zone));
      }
    } else {
      for (const bar of lane.items) drawing.append(barOf(bar, { x, y, end, right, status, zone, choose }));
    }
  });
  return drawing;
}

function at(time) {
  return typeof time === "number" || /^\d+$/.test(time) ? Number(time) : Date.parse(time);
}

function fit(label, left) {
  const most = left > 100 ? 15 : 10;
  const weight = (text) => [...text].reduce((sum, c) => sum + (c > "\u2e80" ? 1.8 : 1), 0);
  if (weight(label) <= most) return label;
  let cut = "";
  for (const c of label) {
    if (weight(cut + c) > most - 1) break;
    cut += c;
  }
  return `${cut}…`;
}

function button(element, label, act) {
  element.setAttribute("tabindex", "0");
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
  element.append(svg("title", {}, label));
  element.addEventListener("click", act);
  element.addEventListener("focus", () => element.classList.add("focus"));
  element.addEventListener("blur", () => element.classList.remove("focus"));
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      act();
    }
  });
  return element;
}

function mark(what, x, y, kind, act, zone) {
  const shown = what.kind ? t("kinds")[what.kind] : what.type;
  const reason = what.reason?.text ? ` — ${what.reason.text}` : "";
  return button(svg("circle", { cx: x, cy: y, r: 4.2, class: `mark ${kind}` }), `${shown} ${clock(at(what.time), zone, true)}${reason}`, act);
}

function barOf(bar, { x, y, end, right, zone, choose }) {
  const from = x(at(bar.start));
  const stop = bar.end === null ? end : at(bar.end);
  const to = Math.max(x(stop), from + 3);
  const level = bar.kind === "list" ? ` level-${Math.min(bar.level, 3)}` : "";
  const reason = bar.began.reason?.text ? ` — ${bar.began.reason.text}` : "";
  const last = bar.end ?? bar.until;
  const label = `${bar.label}: ${clock(bar.start, zone)} → ${last ? clock(last, zone) : t("openEnd")}${reason}`;
  const group = svg("g", { class: `bar ${bar.kind}${level}${bar.shadow ? " shadow" : ""}` });
  group.append(svg("rect", { x: from, y: y + 5, width: to - from, height: LANE - 10, rx: 4 }));
  // What has not ended goes on, to its known end or beyond.
  if (bar.end === null) {
    const until = bar.until === null ? right : Math.min(at(bar.until), right);
    group.append(svg("rect", { x: to - 2, y: y + 5, width: Math.max(x(until) - to + 2, 0), height: LANE - 10, rx: 4, class: "going" }));
  }
  if (to - from > 90) group.append(svg("text", { x: from + 8, y: y + LANE / 2 + 4, class: "in" }, bar.kind === "list" ? t("level", bar.level) : (bar.began.rule ?? bar.began.reason?.by?.actor ?? "")));
  return button(group, label, () => choose({ decision: bar.began, ended: bar.ended, until: bar.until }));
}

/** Ticks at whole days, months or years of the rulebook's clock. */
function axis(drawing, { start, right, x, height, zone, wide }) {
  const most = Math.max(2, Math.floor(wide / 92));
  const DAY = 86_400_000;
  const steps = [DAY / 24, DAY / 4, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 61 * DAY, 91 * DAY, 182 * DAY, 365 * DAY, 1826 * DAY];
  const step = steps.find((one) => (right - start) / one <= most) ?? steps.at(-1);
  const first = Math.ceil(start / step) * step;
  for (let time = first; time < right; time += step) {
    const text = clock(time, zone);
    const label = step < DAY ? text.slice(5) : step < 300 * DAY ? text.slice(5, 10) : text.slice(0, 7);
    const year = step >= DAY && (time === first || clock(time - step, zone).slice(0, 4) !== text.slice(0, 4));
    drawing.append(svg("line", { x1: x(time), x2: x(time), y1: TOP - 6, y2: height, class: "tick" }));
    drawing.append(svg("text", { x: x(time), y: 13, class: "tick", "text-anchor": "middle" }, year ? text.slice(0, 10) : label));
  }
}

/** A reason as text: what was compared with what. */
export function reasonOf(reason, zone) {
  const because = (reason?.because ?? []).map((one) => {
    const events = one.events === undefined ? null : h("span", { class: "muted" }, ` ${t("events_", one.events)}`, one.first ? `, ${clock(one.first, zone)} – ${clock(one.last, zone)}` : "");
    const hits = (one.hits ?? []).map((hit) => h("span", { class: "muted" }, ` ${t("hit")} ${hit.pattern}`));
    return h("li", {}, h("code", {}, one.expr), " = ", h("b", {}, one.value), one.op ? ` ${one.op} ${one.than}` : "", events, hits);
  });
  return [
    reason?.text ? h("p", { class: "reason-text" }, reason.text) : null,
    reason?.by ? h("p", { class: "muted" }, [reason.by.actor, reason.by.role].filter(Boolean).join(" · ")) : null,
    because.length > 0 ? h("ul", { class: "because" }, because) : null,
    because.length === 0 && !reason?.by ? h("p", { class: "muted" }, t("noReason")) : null,
  ];
}
