/** Loads the module. Nothing else of this package may be used before it has been awaited. */
export function init(
  source: string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>,
): Promise<void>;

export * from "./types.js";
