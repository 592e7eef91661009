// The page in a real Chromium, as the operations person uses it. The screenshots are kept, to be looked at.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, serve } from "./serve.js";

const { TAGWARDEN_PAGE: folder, TAGWARDEN_SHOTS: shots, TAGWARDEN_CHROMIUM: program } = process.env;
let browser;
let server;

before(async () => {
  mkdirSync(shots, { recursive: true });
  server = await serve({ "/": folder });
  browser = await launch(program);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** A page, with everything that it asked of the network and complained of. */
async function open(options = {}, hash = "") {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  const asked = [];
  const complaints = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${server.address}/${hash}`);
  await page.waitForSelector(".person", { state: "attached" });
  return { page, context, asked, complaints };
}

const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`) });

const RULES = `timezone "Asia/Shanghai"
entity customer
event message(customer) { channel: "sms" | "app", text: string private }
list blacklist { level 1 denies all  level 2 "less" limits 3 per 24h }

rule flood "Too many messages" {
  when count(mesage) over 24h > 3
  because "{count(mesage) over 24h} messages in 24 hours"
  then add to blacklist level 2 for 7d
}

test "four are too many" {
  4 message every 1m from 2026-01-01T10:00 for "t1" { channel: "sms", text: "hi" }
  expect "t1" in blacklist level 2 at 2026-01-01T10:03
}
`;

const CSV = ["type,time,customer,channel,text"]
  .concat([0, 1, 2, 3, 4].map((minute) => `message,2026-03-01T08:0${minute}:00Z,anna,sms,"hello, ""you"""`))
  .concat(["message,2026-03-02T08:00:00Z,bert,app,hi", "message,2026-03-02T09:00:00Z,bert,fax,hi"])
  .join("\n");

async function write(page, text) {
  const content = page.locator(".cm-content");
  await content.click();
  await page.keyboard.press("ControlOrMeta+a");
  // Pasted: typed letter by letter, brackets would be closed of themselves.
  await content.evaluate((element, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

async function drop(page, name, text) {
  const data = await page.evaluateHandle(([name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name));
    return transfer;
  }, [name, text]);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

test("a mistake, its repair, a file, a reason, another language, a shared address", async () => {
  const { page, context, asked, complaints } = await open({ permissions: [] });

  await write(page, RULES);
  await page.waitForSelector(".cm-lintRange-error");
  assert.equal(await page.locator(".cm-lintRange-error").first().textContent(), "mesage");
  assert.match(await page.locator(".problems .sum").textContent(), /2 errors/);
  await page.locator(".cm-lintRange-error").first().hover();
  await page.waitForSelector(".cm-diagnostic");
  assert.match(await page.locator(".cm-diagnostic").first().textContent(), /no event called `mesage`.*E0101.*did you mean `message`\?/s);
  await shot(page, "mistake");

  // Results of before are marked as such.
  await page.waitForSelector(".note");

  await write(page, RULES.replaceAll("mesage", "message"));
  await page.waitForSelector(".problems.good");
  await page.waitForFunction(() => !document.querySelector(".note"));
  assert.match(await page.locator(".problems .sum").textContent(), /No problems/);

  await page.getByRole("tab", { name: /Tests/ }).click();
  assert.match(await page.locator(".summary").textContent(), /1 of 1 tests pass/);

  await drop(page, "march.csv", CSV);
  await page.waitForFunction(() => document.querySelector(".source .file")?.textContent === "march.csv");
  await page.waitForFunction(() => /7 events/.test(document.querySelector(".numbers")?.textContent ?? ""));
  assert.match(await page.locator(".numbers").textContent(), /1 refused/);
  await page.getByRole("tab", { name: "Refused" }).click();
  assert.match(await page.locator("#panel").textContent(), /channel/);

  await page.getByRole("tab", { name: /Customers/ }).click();
  await page.getByRole("button", { name: /anna/ }).click();
  assert.match(await page.locator(".person", { hasText: "anna" }).textContent(), /blacklist · level 2/);
  const bar = page.locator(".timeline .bar.list").first();
  await bar.focus();
  await page.keyboard.press("Enter");
  assert.match(await page.locator(".reason").textContent(), /4 messages in 24 hours.*count\(message\) over 24h = 4 > 3/s);
  await page.locator(".whys summary", { hasText: "flood" }).click();
  assert.match(await page.locator(".whys").textContent(), /count\(message\) over 24h/);
  await shot(page, "reason");

  await page.getByRole("button", { name: "Share" }).click();
  await page.waitForFunction(() => location.hash.includes("r="));
  await page.getByLabel("Language / 语言").selectOption("zh");
  await page.getByRole("tab", { name: /按规则/ }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  const address = page.url();
  assert.deepEqual(complaints, []);
  const own = new URL(server.address).host;
  assert.deepEqual(asked.filter((url) => new URL(url).host !== own), []);
  assert.ok(new Set(asked).size <= 6, `only the page's own files: ${asked.join(" ")}`);
  await context.close();

  const again = await open({}, address.slice(address.indexOf("#")));
  assert.match(await again.page.locator(".cm-content").textContent(), /count\(message\) over 24h > 3/);
  await again.context.close();
});

test("completes, tells what things are, and formats by a key", async () => {
  const { page, context, complaints } = await open();
  await write(page, RULES.replaceAll("mesage", "message").replace("when", "  when").replace(/test[\s\S]*/, "rule late { on message where "));
  await page.keyboard.type("cha");
  await page.waitForSelector(".cm-tooltip-autocomplete");
  assert.match(await page.locator(".cm-tooltip-autocomplete li").first().textContent(), /channel.*"sms" \| "app"/s);
  await shot(page, "completion");
  await page.keyboard.press("Enter");
  await page.keyboard.type(' == "app" then tag late }');
  await page.waitForSelector(".problems.good");
  await page.keyboard.press("Shift+Alt+f");
  await page.waitForFunction(() => /rule late \{ on message where channel == "app" then tag late \}/.test(document.querySelector(".code").shadowRoot.textContent));
  await page.locator(".cm-line", { hasText: "event message" }).getByText("message").first().hover();
  await page.waitForSelector(".tip");
  assert.match(await page.locator(".tip").textContent(), /event message\(customer\)/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("what people have done stands beside what rules do", async () => {
  const { page, context, complaints } = await open();
  await write(page, RULES.replaceAll("mesage", "message"));
  await page.waitForSelector(".problems.good");
  const who = { actor: "u7", entity: "customer", subject: "anna", list: "blacklist" };
  const lines = [
    ...[0, 1, 2, 3].map((minute) => ({ type: "message", time: `2026-03-01T08:0${minute}:00Z`, customer: "anna", channel: "sms", text: "hi" })),
    { command: "suspend", time: "2026-03-02T08:00:00Z", for: "1d", reason: "calls back today", ...who },
    { command: "release", time: "2026-03-05T08:00:00Z", reason: "she has apologised", ...who },
  ];
  await drop(page, "march.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
  await page.waitForFunction(() => /6 events/.test(document.querySelector(".numbers")?.textContent ?? ""));
  await page.getByRole("button", { name: /anna/ }).click();
  await page.waitForSelector(".timeline .bar.list");
  // Listed, suspended for a day, back by itself, released: two bars, and a mark for each command.
  assert.equal(await page.locator(".timeline .bar.list").count(), 2);
  assert.equal(await page.locator(".timeline .mark.event").count(), 6);
  const end = page.locator(".timeline .mark.event").last();
  await end.focus();
  await page.keyboard.press("Enter");
  assert.match(await page.locator(".reason").textContent(), /release.*she has apologised/s);
  await shot(page, "people");
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const width of [400, 1600]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const language of ["en", "zh"]) {
      test(`${width} px, ${colorScheme}, ${language}`, async () => {
        const height = width === 400 ? 860 : 1000;
        const { page, context, complaints } = await open({ viewport: { width, height }, colorScheme }, `#lang=${language}`);
        const name = `${width}-${colorScheme}-${language}`;
        await page.waitForSelector(".cm-line", { state: "attached" });
        if (width === 400) {
          await shot(page, `${name}-rules`);
          await page.locator(".views button").nth(1).click();
        }
        await page.waitForSelector(".timeline");
        await shot(page, name);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `the page is ${wide} px wide`);
        for (const tab of ["byRule", "coverage", "tests"]) {
          await page.locator(`#tab-${tab}`).click();
          await shot(page, `${name}-${tab}`);
        }
        assert.deepEqual(complaints, []);
        await context.close();
      });
    }
  }
}
