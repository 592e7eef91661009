// For hosts that load the module themselves: nothing works before `init`.
import load from "./glue.js";

/** Loads the module from an address, a response, bytes or a compiled module. */
export async function init(source) {
  await load({ module_or_path: source });
}

export * from "./api.js";
