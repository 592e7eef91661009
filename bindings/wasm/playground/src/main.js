// The page: rules on one side, what comes of them on the other.
import glance from "../../../../examples/rules/glance.tw?raw";
import helpdesk from "../../../../examples/rules/helpdesk.tw?raw";
import loyalty from "../../../../examples/rules/loyalty.tw?raw";
import sensitive from "../../../../examples/rules/sensitive.txt?raw";
import spam from "../../../../examples/rules/spam.tw?raw";
import support from "../../../../examples/rules/support.tw?raw";
import { h } from "./dom.js";
import { makeEditor } from "./editor.js";
import { call, load } from "./engine.js";
import { byRule, coverage, customers, detail, refusals, subjectsOf, tests } from "./results.js";
import { pack, unpack } from "./share.js";
import { number, setLanguage, t } from "./words.js";

const SAMPLES = { support, glance, loyalty, spam, helpdesk };
const FILES = { "sensitive.txt": sensitive };

const state = {
  language: "en", theme: "auto", tab: "customers", view: "rules",
  input: {}, inputName: null, result: null, subjects: [], chosen: null, search: "", filter: "all",
  problems: [], stale: false, running: null, error: null, pendingCsv: null,
};

function remembered(key) {
  try {
    return localStorage.getItem(`tagwarden.${key}`);
  } catch {
    return null;
  }
}
function remember(key, value) {
  try {
    localStorage.setItem(`tagwarden.${key}`, value);
  } catch {
    // A page without storage works, and forgets.
  }
}

const fragment = () => new URLSearchParams(location.hash.slice(1));
const at = {};
let editor;

function setTheme(theme) {
  state.theme = ["light", "dark"].includes(theme) ? theme : "auto";
  if (state.theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = state.theme;
}

function select(label, value, options, change) {
  const box = h("select", { "aria-label": label, onchange: (event) => change(event.target.value) },
    Object.entries(options).map(([key, shown]) => h("option", { value: key, selected: key === value }, shown)));
  return h("label", { class: "select" }, h("span", { class: "visually-hidden" }, label), box);
}

/** Everything that has words in it, drawn again in the language at hand. The editor stays. */
function drawChrome() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  at.header.replaceChildren(
    h("div", { class: "brand" },
      (at.logo ??= h("img", { src: "./icon.svg", alt: "", width: 28, height: 28 })),
      h("div", {}, h("h1", {}, "Tagwarden"), h("p", {}, t("tagline")))),
    h("div", { class: "tools" },
      select(t("sample"), at.sample ?? "", { "": `${t("sample")}…`, ...Object.fromEntries(Object.keys(SAMPLES).map((name) => [name, `${name}.tw`])) }, (name) => {
        if (!(name in SAMPLES)) return;
        at.sample = name;
        useMadeUp(false);
        editor.set(SAMPLES[name]);
      }),
      h("button", { type: "button", class: "button", id: "share", onclick: share }, t("share")),
      select("Language / 语言", state.language, { en: "English", zh: "中文" }, (language) => {
        state.language = language;
        setLanguage(language);
        remember("language", language);
        drawChrome();
        drawResults();
      }),
      select(t("theme"), state.theme, { auto: t("auto"), light: t("light"), dark: t("dark") }, (theme) => {
        setTheme(theme);
        remember("theme", theme);
      })),
  );
  at.views.replaceChildren(...["rules", "results"].map((view) =>
    h("button", { type: "button", "aria-pressed": String(state.view === view), onclick: () => showView(view) }, t(view))));
  at.editorTools.replaceChildren(h("h2", {}, t("rules")), h("span", { class: "keys" }, t("keys")),
    h("button", { type: "button", class: "button small", id: "format", onclick: () => editor.format() }, t("format")));
  drawProblems();
  drawSource();
  drawTabs();
}

function showView(view) {
  state.view = view;
  document.body.dataset.view = view;
  for (const button of at.views.children) button.setAttribute("aria-pressed", String(button === at.views.children[view === "rules" ? 0 : 1]));
  if (view === "results") drawResults();
}

function drawProblems() {
  const errors = state.problems.filter((one) => one.severity === "error").length;
  const warnings = state.problems.length - errors;
  const words = [errors ? t("errors", errors) : null, warnings ? t("warnings", warnings) : null].filter(Boolean).join(" · ");
  at.problems.className = `problems ${errors ? "bad" : warnings ? "warn" : "good"}`;
  at.problems.replaceChildren(
    h("p", { class: "sum", role: "status" }, h("span", { class: "dot" }), words || t("fine")),
    h("ul", {}, state.problems.slice(0, 8).map((one) =>
      h("li", {}, h("button", { type: "button", class: "problem", onclick: () => one.place.file === "main.tw" && editor.goTo(one.from, one.to) },
        h("span", { class: `mark ${one.severity}` }), h("span", { class: "place" }, `${t("line")} ${one.place.line}`),
        h("span", {}, one.message, one.help ? h("span", { class: "muted" }, ` — ${one.help}`) : null))))),
  );
}

function drawSource() {
  const { result, running } = state;
  const numbers = result
    ? [h("b", {}, t("ran", number(result.count), number(Math.round(result.ms)))), result.refusals > 0 ? h("span", { class: "bad" }, ` · ${t("refused", number(result.refusals))}`) : null]
    : [];
  const file = h("input", { type: "file", id: "file", class: "visually-hidden", accept: ".csv,.jsonl,.ndjson,.json,text/csv,application/x-ndjson", onchange: (event) => take(event.target.files[0]) });
  const progress = running === null ? null : h("progress", { max: 100, value: running, "aria-label": t("reading") });
  at.source.replaceChildren(
    h("div", { class: "where" },
      h("h2", {}, t("events")),
      h("span", { class: "file" }, state.inputName ?? t("madeUp")),
      h("span", { class: "muted hint" }, state.inputName ? "" : t("madeUpHint")),
      h("span", { class: "numbers", role: "status" }, numbers), progress),
    h("div", { class: "choose" }, file, h("label", { for: "file", class: "button", tabindex: "-1" }, t("choose")),
      state.inputName ? h("button", { type: "button", class: "button", onclick: () => useMadeUp(true) }, t("useMadeUp")) : null,
      h("span", { class: "muted drop" }, t("dropHere"))),
    h("p", { class: "privacy" }, h("span", { class: "lock", "aria-hidden": "true" }), t("privacy")),
    ...(state.pendingCsv ? [h("div", { class: "ask" }, t("rowType"), " ", select(t("event"), "", { "": "…", ...Object.fromEntries((state.result?.schema.events ?? []).map(({ name }) => [name, name])) }, (event) => {
      if (event) takeBytes(state.pendingCsv.name, state.pendingCsv.bytes, "csv", event);
    }))] : []),
  );
  file.addEventListener("focus", () => file.nextSibling.classList.add("focus"));
  file.addEventListener("blur", () => file.nextSibling.classList.remove("focus"));
}

const TABS = ["customers", "byRule", "coverage", "tests", "refusedTab"];

function drawTabs() {
  const failed = state.result?.tests.filter((report) => !report.passed).length ?? 0;
  const tabs = TABS.filter((tab) => tab !== "refusedTab" || (state.result?.refusals ?? 0) > 0);
  if (!tabs.includes(state.tab)) state.tab = "customers";
  const badge = (tab) =>
    tab === "tests" && state.result?.tests.length ? h("span", { class: `badge ${failed ? "bad" : "good"}` }, failed ? String(failed) : "✓")
    : tab === "customers" && state.subjects.length ? h("span", { class: "badge" }, number(state.subjects.length)) : null;
  at.tabs.replaceChildren(...tabs.map((tab) =>
    h("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-selected": String(tab === state.tab), "aria-controls": "panel", tabindex: tab === state.tab ? "0" : "-1",
      onclick: () => openTab(tab),
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) {
          openTab(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]);
          document.getElementById(`tab-${state.tab}`)?.focus();
        }
      } }, t(tab), badge(tab))));
}

function openTab(tab) {
  state.tab = tab;
  drawTabs();
  drawPanel();
}

function drawResults() {
  drawSource();
  drawTabs();
  drawPanel();
}

function drawPanel() {
  const { result } = state;
  at.panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
  const note = state.error ? h("p", { class: "note bad", role: "alert" }, `${t("problem")}: ${state.error}`)
    : state.stale ? h("p", { class: "note" }, result ? t("stale") : t("noResults")) : null;
  at.note.replaceChildren(...(note ? [note] : []));
  if (result === null) return at.panel.replaceChildren();
  const goTo = (place) => {
    showView("rules");
    editor.goTo(place.from, place.to);
  };
  if (state.tab === "customers") {
    at.detail = h("div", { class: "pane" }, h("p", { class: "empty" }, t("pick")));
    at.panel.replaceChildren(h("div", { class: "split" }, customers(state, choose), at.detail));
    if (state.chosen) drawDetail();
  } else {
    const draw = { byRule, coverage, tests, refusedTab: refusals }[state.tab];
    at.panel.replaceChildren(draw(result, goTo));
  }
}

function choose(one) {
  state.chosen = one;
  for (const person of at.panel.querySelectorAll(".person")) {
    person.setAttribute("aria-current", String(person.querySelector(".name").textContent === one.subject));
  }
  drawDetail(true);
}

async function drawDetail(scroll = false) {
  const one = state.subjects.find((other) => other.entity === state.chosen.entity && other.subject === state.chosen.subject) ?? state.chosen;
  const pane = at.detail;
  if (one === undefined || state.result.clock === null) return;
  const answer = await call("ask", { entity: one.entity, subject: one.subject, time: state.result.clock });
  if (pane !== at.detail || !pane.isConnected) return;
  const width = Math.max(pane.clientWidth - 2, 300);
  pane.replaceChildren(detail({ one, answer, result: state.result, width }));
  if (scroll && window.innerWidth < 900) pane.scrollIntoView({ behavior: "smooth", block: "start" });
}

/** Runs the rulebook over the events; the newest call wins. */
let asked = 0;
async function run() {
  const number = (asked += 1);
  const source = editor.text();
  const shown = setTimeout(() => progress({ read: 0, total: 1 }), 250);
  const progress = ({ read, total }) => {
    if (number !== asked || !at.slow) return;
    state.running = Math.floor((read / Math.max(total, 1)) * 100);
    const bar = at.source.querySelector("progress");
    if (bar) bar.value = state.running;
    else drawSource();
  };
  at.slow = false;
  setTimeout(() => (at.slow = number === asked), 250);
  try {
    const result = await call("run", { source, files: FILES, input: state.input }, progress);
    if (number !== asked) return;
    Object.assign(state, { result, subjects: subjectsOf(result), stale: false, error: null });
    if (!state.subjects.some((one) => one.subject === state.chosen?.subject)) state.chosen = state.subjects[0] ?? null;
  } catch (error) {
    if (number !== asked) return;
    state.stale = error.diagnostics !== undefined;
    state.error = error.diagnostics === undefined ? error.message : null;
  } finally {
    clearTimeout(shown);
    if (number === asked) {
      asked += 1;
      state.running = null;
      at.slow = false;
      drawResults();
    }
  }
}

let timer;
function soon() {
  clearTimeout(timer);
  timer = setTimeout(run, 350);
}

async function take(file) {
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const head = new TextDecoder().decode(bytes.subarray(0, 2000)).replace(/^\ufeff/, "");
  const csv = /\.csv$/i.test(file.name) || !head.trimStart().startsWith("{");
  const columns = head.split(/\r?\n/)[0].split(",").map((name) => name.trim().replaceAll('"', ""));
  if (csv && !columns.includes("type")) {
    // An event's name in the file's name is taken for the type of its rows.
    const known = (state.result?.schema.events ?? []).map(({ name }) => name);
    const named = known.find((name) => file.name.toLowerCase().includes(name.toLowerCase()));
    if (named === undefined) {
      state.pendingCsv = { name: file.name, bytes };
      showView("results");
      return drawSource();
    }
    return takeBytes(file.name, bytes, "csv", named);
  }
  takeBytes(file.name, bytes, csv ? "csv" : "jsonl");
}

function takeBytes(name, bytes, format, event) {
  Object.assign(state, { input: { bytes, format, event }, inputName: name, pendingCsv: null, chosen: null });
  showView("results");
  run();
}

function useMadeUp(now) {
  Object.assign(state, { input: {}, inputName: null, pendingCsv: null, chosen: null });
  if (now) run();
}

async function share() {
  const known = fragment();
  known.set("r", await pack(editor.text()));
  known.set("lang", state.language);
  history.replaceState(null, "", `#${known}`);
  const button = document.getElementById("share");
  let copied = true;
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    copied = false;
  }
  button.textContent = t(copied ? "shared" : "sharedBar");
  setTimeout(() => (button.textContent = t("share")), 2500);
}

function shell() {
  at.header = h("header", { class: "top" });
  at.views = h("nav", { class: "views", "aria-label": "View" });
  at.editorTools = h("div", { class: "bar" });
  at.editor = h("div", { class: "code" });
  at.problems = h("div", { class: "problems" });
  at.source = h("section", { class: "source card" });
  at.tabs = h("div", { class: "tabs", role: "tablist" });
  at.note = h("div", {});
  at.panel = h("div", { class: "panel", id: "panel", role: "tabpanel" });
  document.getElementById("app").replaceChildren(
    at.header, at.views,
    h("main", {},
      h("section", { class: "left card" }, at.editorTools, at.editor, at.problems),
      h("section", { class: "right" }, at.source, h("section", { class: "results card" }, at.tabs, at.note, at.panel))));
}

function dropping() {
  let depth = 0;
  addEventListener("dragenter", () => {
    depth += 1;
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) document.body.classList.remove("dropping");
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    document.body.classList.remove("dropping");
    take(event.dataTransfer?.files[0]);
  });
}

async function start() {
  const known = fragment();
  state.language = known.get("lang") ?? remembered("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  setLanguage(state.language);
  setTheme(remembered("theme"));
  document.body.dataset.view = state.view;
  shell();
  const packed = known.get("r");
  const [given] = await Promise.all([packed ? unpack(packed) : null, load()]);
  at.sample = given === null ? "support" : "";
  editor = makeEditor(at.editor, {
    text: given ?? SAMPLES.support,
    files: () => FILES,
    changed: (text) => {
      const name = Object.keys(SAMPLES).find((name) => SAMPLES[name] === text) ?? "";
      if (name !== at.sample) {
        at.sample = name;
        at.header.querySelector("select").value = name;
      }
      soon();
    },
    checked: (problems) => {
      state.problems = problems;
      drawProblems();
    },
  });
  drawChrome();
  dropping();
  let width = innerWidth;
  addEventListener("resize", () => {
    if (Math.abs(innerWidth - width) < 24 || state.chosen === null) return;
    width = innerWidth;
    if (state.tab === "customers" && at.detail?.isConnected) drawDetail();
  });
  addEventListener("hashchange", async () => {
    const text = await unpack(fragment().get("r") ?? "");
    if (text !== null && text !== editor.text()) editor.set(text);
  });
  run();
}

start().catch((error) => {
  document.getElementById("app").append(h("p", { class: "note bad", role: "alert" }, String(error)));
});
