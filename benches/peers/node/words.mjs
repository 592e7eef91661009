// What the keyword peers share: called with FOLDER WORKLOAD.SETTING TEXTS REPEATS. What is timed goes from texts as they are to how
// many of them have a hit and how many hits there are.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export function run(version, prepare) {
  const [data, workload, count, repeats] = process.argv.slice(2);
  const [name, setting] = workload.split(".");
  const lines = (ending) => readFileSync(join(data, `${name}.${ending}`), "utf8").split("\n").slice(0, -1);
  const texts = lines("texts").slice(0, Number(count));
  const find = prepare(lines("patterns"), setting);
  const seconds = [];
  const computed = [];
  let answers;
  for (let repeat = 0; repeat < Number(repeats); repeat++) {
    const start = process.hrtime.bigint();
    const before = process.cpuUsage();
    let [withHit, hits] = [0, 0];
    for (const text of texts) {
      const found = find(text);
      if (found > 0) {
        withHit += 1;
        hits += found;
      }
    }
    const used = process.cpuUsage(before);
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    computed.push((used.user + used.system) / 1e6);
    answers = [withHit, hits];
  }
  const middle = (all) => all.sort((left, right) => left - right)[all.length >> 1];
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds: middle(seconds), computed: middle(computed), answers, peak, version }));
}
