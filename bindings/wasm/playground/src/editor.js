// The editor: CodeMirror, with everything it knows about rulebooks asked of the engine.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { forceLinting, lintGutter, lintKeymap, linter, nextDiagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { CompileError, complete, diagnose, format, hover } from "tagwarden/init";
import { h } from "./dom.js";
import { rulebook } from "./language.js";

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.definition(tags.variableName), color: "var(--code-def)", fontWeight: "600" },
  { tag: tags.function(tags.variableName), color: "var(--code-function)" },
  { tag: [tags.string, tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.atom], color: "var(--code-number)" },
  { tag: tags.typeName, color: "var(--code-function)" },
  { tag: tags.propertyName, color: "var(--code-def)" },
  { tag: tags.operator, color: "var(--muted)" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", fontSize: "13.5px", backgroundColor: "var(--surface)", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.62" },
  ".cm-content": { caretColor: "var(--accent)", padding: "10px 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--faint)", border: "none" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-activeLine": { backgroundColor: "var(--line-at-hand)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "1px solid var(--edge)" },
  ".cm-lintRange": { backgroundImage: "none !important", paddingBottom: "0" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--bad) 1.5px", textUnderlineOffset: "4px", textDecorationSkipInk: "none" },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warn) 1.5px", textUnderlineOffset: "4px", textDecorationSkipInk: "none" },
  ".cm-lint-marker": { width: "8px", height: "8px", borderRadius: "50%", margin: "7px 3px 0", content: "none !important" },
  ".cm-lint-marker-error": { backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { backgroundColor: "var(--warn)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "8px",
    boxShadow: "var(--shadow)", overflow: "hidden", maxWidth: "min(520px, 90vw)",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px", maxHeight: "16em" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 10px !important", display: "flex", gap: "12px", alignItems: "baseline" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-soft) !important", color: "var(--ink) !important" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal", fontFamily: "var(--sans)", fontSize: "12px", marginLeft: "auto", overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-diagnostic": { padding: "8px 12px", borderLeft: "3px solid var(--bad)", fontFamily: "var(--sans)", fontSize: "13px" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".tip": { padding: "8px 12px", fontFamily: "var(--sans)", fontSize: "13px", lineHeight: "1.5" },
  ".tip code": { display: "block", fontFamily: "var(--mono)", fontSize: "12.5px", whiteSpace: "pre-wrap", marginBottom: "3px", color: "var(--code-def)" },
  ".help": { display: "block", color: "var(--muted)", marginTop: "3px" },
  ".code": { fontFamily: "var(--mono)", fontSize: "11.5px", color: "var(--muted)", marginLeft: "8px" },
});

/** What a choice is, to CodeMirror's names. */
const KINDS = {
  field: "property", value: "constant", event: "class", entity: "type", tag: "enum", list: "namespace", score: "variable",
  keywords: "text", rule: "function", function: "function", word: "keyword", snippet: "interface",
};

/** Makes the editor in its own shadow tree, whose styles no policy of the page has to allow. */
export function makeEditor(host, { text, files, changed, checked }) {
  const root = host.attachShadow({ mode: "open" });
  const place = root.appendChild(h("div", { class: "editor" }));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":host{display:block;height:100%}.editor{height:100%}");
  const known = () => ({ files: files() });

  const problems = linter(
    (view) => {
      const found = diagnose(view.state.doc.toString(), known());
      checked(found);
      const length = view.state.doc.length;
      return found
        .filter((one) => one.place.file === "main.tw")
        .map((one) => ({
          from: Math.min(one.from, length),
          to: Math.min(Math.max(one.to, one.from), length),
          severity: one.severity,
          message: one.message,
          renderMessage: () =>
            h("div", {}, one.message, h("span", { class: "code" }, one.code), one.help ? h("span", { class: "help" }, one.help) : null),
        }));
    },
    { delay: 150 },
  );

  const completions = (context) => {
    const word = context.matchBefore(/[\p{L}\p{N}_"-]+$/u);
    const before = context.state.sliceDoc(Math.max(0, context.pos - 1), context.pos);
    if (!context.explicit && !word && !/[.\s([]/.test(before)) return null;
    if (!context.explicit && /\s/.test(before) && context.state.doc.lineAt(context.pos).text.trim() === "") return null;
    const found = complete(context.state.doc.toString(), context.pos, known());
    if (found.items.length === 0) return null;
    const options = found.items.map(({ label, insert, kind, detail }, at) => ({
      label: insert.startsWith('"') ? insert : label,
      displayLabel: label,
      apply: insert,
      type: KINDS[kind],
      detail: detail.length > 90 ? `${detail.slice(0, 88)}…` : detail,
      boost: Math.max(-99, 50 - at),
    }));
    return { from: found.from, to: Math.max(found.to, context.pos), options, filter: true };
  };

  const told = hoverTooltip((view, pos) => {
    const found = hover(view.state.doc.toString(), pos, known());
    if (found === null) return null;
    const text = found.text.replaceAll("`", "");
    return {
      pos: found.from,
      end: found.to,
      above: true,
      create: () => ({ dom: h("div", { class: "tip" }, h("code", {}, found.title), text) }),
    };
  });

  const tidy = (view) => {
    try {
      const next = format(view.state.doc.toString());
      const at = Math.min(view.state.selection.main.head, next.length);
      if (next !== view.state.doc.toString()) {
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, selection: { anchor: at } });
      }
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      nextDiagnostic(view);
    }
    return true;
  };

  const view = new EditorView({
    parent: place,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(), history(), drawSelection(),
        indentUnit.of("  "), bracketMatching(), closeBrackets(), rulebook, syntaxHighlighting(colours), theme, problems, told,
        autocompletion({ override: [completions], icons: false, maxRenderedOptions: 80 }),
        keymap.of([
          { key: "Shift-Alt-f", run: tidy, preventDefault: true },
          { key: "Mod-s", run: tidy, preventDefault: true },
          { key: "Tab", run: acceptCompletion },
          ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab,
        ]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "Rulebook", spellcheck: "false" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];

  return {
    text: () => view.state.doc.toString(),
    set(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, selection: { anchor: 0 }, scrollIntoView: true });
    },
    format: () => tidy(view),
    check: () => forceLinting(view),
    goTo(from, to = from) {
      const length = view.state.doc.length;
      view.dispatch({
        selection: { anchor: Math.min(from, length), head: Math.min(to, length) },
        effects: EditorView.scrollIntoView(Math.min(from, length), { y: "center" }),
      });
      view.focus();
    },
  };
}
