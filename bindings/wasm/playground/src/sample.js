// Events made up from what a rulebook declares: always the same ones for the same declarations.

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const DAYS = 180;
const TEXTS = [
  "hello", "where is my parcel?", "谢谢", "发货了吗？", "please call me back", "垃圾平台，骗子！", "this is a scam",
  "加微信 刷单", "free cash, work from home", "退款什么时候到？", "can I change the address?", "骗消费者",
];

/** A small generator of numbers from 0 to 1 (mulberry32). */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** JSON Lines for a schema. */
export function madeUp(schema, customers = 60) {
  const roll = dice(20260101);
  const pick = (from) => from[Math.floor(roll() * from.length)];
  const events = [];
  const keys = (entity) => `${entity.slice(0, 1)}${String(1 + Math.floor(roll() * 8)).padStart(3, "0")}`;
  for (let at = 0; at < customers; at += 1) {
    const own = `${schema.entities[0]?.slice(0, 1) ?? "c"}${String(at + 1).padStart(3, "0")}`;
    for (const type of schema.events) {
      if (roll() < 0.2) continue;
      // Most do little, and a few very much.
      const rate = Math.exp(roll() * 3.2 - 0.8) * (type.fields.some((field) => field.name === "channel") ? 2 : 1);
      const count = Math.min(Math.round(rate * (0.5 + roll())), 120);
      const first = roll() * DAYS * 0.6;
      for (let index = 0; index < count; index += 1) {
        add(type, own, START + (first + roll() * (DAYS - first)) * DAY);
      }
      // Now and then somebody does the same thing all day long.
      if (roll() < 0.06) {
        const burst = START + (roll() < 0.4 ? DAYS - 1 - roll() * 5 : roll() * (DAYS - 6)) * DAY;
        const many = 30 + Math.floor(roll() * 60);
        for (let index = 0; index < many; index += 1) add(type, own, burst + index * 600_000 * (0.2 + roll()));
      }
    }
  }
  events.sort((a, b) => a.time - b.time);
  return events.map((event) => JSON.stringify(event)).join("\n");

  function add(type, own, time) {
    const event = { type: type.name, time: Math.floor(time / 1000) * 1000 };
    type.entities.forEach((entity, index) => {
      event[entity] = index === 0 && entity === schema.entities[0] ? own : keys(entity);
    });
    for (const field of type.fields) {
      if (field.optional && roll() < 0.3) continue;
      event[field.name] = value(field);
    }
    events.push(event);
  }

  function value({ name, type }) {
    if (type === "number") {
      if (/amount|price|total|sum|value/.test(name)) return Math.round(Math.exp(3 + roll() * 5) * 10) / 10;
      return Math.ceil(Math.exp(roll() * 6));
    }
    if (type === "bool") return roll() < 0.5;
    if (type === "time") return START - Math.floor(roll() * 365 * 40) * DAY;
    if (type.startsWith("one of ")) return pick(JSON.parse(`[${type.slice(7)}]`));
    if (/text|body|comment|message|note/.test(name)) return pick(TEXTS);
    if (/tier/.test(name)) return pick(["vip", "basic", "basic", "basic"]);
    return `${name.slice(0, 1)}${Math.ceil(roll() * 40)}`;
  }
}
