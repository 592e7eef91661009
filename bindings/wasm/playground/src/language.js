// Colours for the language: a tokenizer is enough, since the engine itself tells what is wrong.
import { StreamLanguage } from "@codemirror/language";

const ITEMS = new Set("approve entity event exempt keep keywords list role rule score shadow strict tag tags test timezone use".split(" "));
const WORDS = new Set(
  ("active activity add after all allows and anywhere at because between category contains day denies emit ends every exactly except " +
    "exists expect fired for from half-life has hour ignoring in keep level limits matches matching may month most no not notify on once " +
    "or over per previous private propose remove renew review rollout since starting starts step tagged then this to unless untag until " +
    "week when where while with within without year").split(" "),
);
const TYPES = new Set(["string", "number", "bool", "time"]);
const ATOMS = new Set(["true", "false"]);

export const rulebook = StreamLanguage.define({
  name: "tagwarden",
  startState: () => ({ afterItem: false, regex: false }),
  token(stream, state) {
    if (stream.eatSpace()) return null;
    if (stream.match("//")) {
      stream.skipToEnd();
      return "comment";
    }
    const named = state.afterItem;
    state.afterItem = false;
    if (stream.eat('"')) {
      let escaped = false;
      for (let c = stream.next(); c !== undefined && c !== null; c = stream.next()) {
        if (c === '"' && !escaped) break;
        escaped = c === "\\" && !escaped;
      }
      return named ? "def" : "string";
    }
    if (state.regex && stream.eat("/")) {
      let escaped = false;
      for (let c = stream.next(); c !== undefined && c !== null; c = stream.next()) {
        if (c === "/" && !escaped) break;
        escaped = c === "\\" && !escaped;
      }
      state.regex = false;
      return "regexp";
    }
    state.regex = false;
    if (stream.match(/^\d[\p{L}\p{N}_.:+-]*/u)) return "number";
    const word = stream.match(/^(half-life|[\p{L}_][\p{L}\p{N}_]*)/u);
    if (word) {
      const text = word[0];
      const called = stream.match(/^\s*\(/, false);
      if (stream.match(/^\s*:(?!:)/, false)) return "propertyName";
      if (ATOMS.has(text)) return "atom";
      if (ITEMS.has(text) && (stream.column() === stream.indentation() || text === "rule" || text === "tag")) {
        state.afterItem = text !== "tags" || stream.column() === 0;
        return "keyword";
      }
      if (TYPES.has(text) && !called && text !== "time") return "typeName";
      if (text === "matches") state.regex = true;
      if (named) return "def";
      if (WORDS.has(text) && !(called && (text === "level" || text === "month" || text === "day"))) return "keyword";
      return called ? "variableName.function" : "variableName";
    }
    stream.next();
    return "operator";
  },
  languageData: { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});
