// A static folder on a port of its own, and a real Chromium to look at it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
  ".wasm": "application/wasm", ".jsonl": "application/x-ndjson", ".tw": "text/plain; charset=utf-8",
};

/** Serves folders under paths: `{ "/": folder, "/x/": other }`. */
export async function serve(folders) {
  const roots = Object.entries(folders).sort(([a], [b]) => b.length - a.length);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const [prefix, folder] = roots.find(([prefix]) => path.startsWith(prefix)) ?? roots.at(-1);
    const inner = normalize(path.slice(prefix.length) || "index.html");
    try {
      if (inner.startsWith("..")) throw new Error("outside");
      const body = await readFile(join(folder, inner));
      response.writeHead(200, { "content-type": TYPES[extname(inner)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export function launch(path) {
  return chromium.launch({
    executablePath: path,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}
