// The module, loaded once: here for the editor, and in the worker for the events.
import { init } from "tagwarden/init";
import address from "tagwarden/tagwarden.wasm?url";

let worker;
let count = 0;
const waiting = new Map();

export async function load() {
  const response = await fetch(address);
  const module = await WebAssembly.compile(await response.arrayBuffer());
  worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data: { id, answer, error, progress } }) => {
    const asked = waiting.get(id);
    if (progress !== undefined) return asked?.report?.(progress);
    waiting.delete(id);
    if (error) asked?.reject(Object.assign(new Error(error.message), error));
    else asked?.resolve(answer);
  };
  await Promise.all([init(module), call("init", { module })]);
}

export function call(op, given, report) {
  return new Promise((resolve, reject) => {
    const id = (count += 1);
    waiting.set(id, { resolve, reject, report });
    worker.postMessage({ id, op, ...given });
  });
}
