// Browsers and bundlers: the module is fetched from beside this file before the import is done.
import load from "./glue.js";

await load({ module_or_path: new URL("./tagwarden.wasm", import.meta.url) });

export * from "./api.js";
