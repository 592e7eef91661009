// json-rules-engine: one rule a condition, over counts that are kept by hand. Called with DATA WORKLOAD EVENTS REPEATS.
// The package is looked up from the working directory, where it was installed.
import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(process.cwd(), "x.cjs"));
const { Engine } = require("json-rules-engine");
const version = JSON.parse(readFileSync("node_modules/json-rules-engine/package.json", "utf8")).version;

const [data, workload, count, repeats] = process.argv.slice(2);
const HOUR = 3_600_000, DAY = 24 * HOUR, MONTH = 30 * DAY;
const LIMITS = [
  ["messages_day", 50], ["wechat_hour", 10], ["refund_sum", 500], ["refunds", 2], ["order_sum", 5000],
  ["orders_day", 5], ["complaints", 1], ["logins_hour", 5], ["app_sum", 2000], ["any_hour", 20],
];

// The events of one customer, and what is in each window.
class Windows {
  constructor() {
    this.log = [];
    this.starts = { hour: 0, day: 0, month: 0 };
    this.values = Object.fromEntries(LIMITS.map(([name]) => [name, 0]));
  }
  take(event) {
    this.leave("hour", event.ts_ms - HOUR);
    this.leave("day", event.ts_ms - DAY);
    this.leave("month", event.ts_ms - MONTH);
    this.log.push(event);
    for (const window of ["hour", "day", "month"]) this.add(window, event, 1);
  }
  leave(window, left) {
    let start = this.starts[window];
    while (start < this.log.length && this.log[start].ts_ms <= left) this.add(window, this.log[start++], -1);
    this.starts[window] = start;
  }
  add(window, { type, channel, amount }, sign) {
    const values = this.values;
    if (window === "hour") {
      values.any_hour += sign;
      if (type === "message" && channel === "wechat") values.wechat_hour += sign;
      if (type === "login") values.logins_hour += sign;
    } else if (window === "day") {
      if (type === "message") values.messages_day += sign;
      if (type === "order") {
        values.orders_day += sign;
        if (channel === "app") values.app_sum += sign * amount;
      }
    } else if (type === "refund") {
      values.refunds += sign;
      values.refund_sum += sign * amount;
    } else if (type === "order") values.order_sum += sign * amount;
    else if (type === "complaint") values.complaints += sign;
  }
}

const events = [];
for await (const line of createInterface({ input: createReadStream(join(data, "events.jsonl")) })) {
  const { ts_ms, customer, type, channel, amount } = JSON.parse(line);
  events.push({ ts_ms, customer, type, channel, amount });
  if (events.length === Number(count)) break;
}

const limits = workload === "w1" ? LIMITS.slice(0, 1) : LIMITS;
const engine = new Engine();
limits.forEach(([fact, value], at) =>
  engine.addRule({ conditions: { all: [{ fact, operator: "greaterThan", value }] }, event: { type: String(at) } }),
);

async function evaluate() {
  const hits = limits.map(() => 0);
  const customers = new Map();
  for (const event of events) {
    if (workload === "w1" && event.type !== "message") continue;
    let windows = customers.get(event.customer);
    if (windows === undefined) customers.set(event.customer, (windows = new Windows()));
    windows.take(event);
    const facts = workload === "w1" ? { messages_day: windows.values.messages_day } : { ...windows.values };
    for (const found of (await engine.run(facts)).events) hits[found.type] += 1;
  }
  return hits;
}

const seconds = [];
let answers;
for (let repeat = 0; repeat < Number(repeats); repeat++) {
  const start = process.hrtime.bigint();
  answers = await evaluate();
  seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
}
seconds.sort((left, right) => left - right);
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds: seconds[seconds.length >> 1], answers, peak, version }));
