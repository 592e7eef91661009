// Node: the module is there as soon as it is imported.
import { readFileSync } from "node:fs";
import { initSync } from "./glue.js";

initSync({ module: readFileSync(new URL("./tagwarden.wasm", import.meta.url)) });

export * from "./api.js";
