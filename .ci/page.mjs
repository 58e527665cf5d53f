// Opens the HTML report in a headless Chromium as a person would: filter, sort, keyboard, dark mode, ten thousand credentials,
// hostile names. Usage: node page.mjs STAUNCH FOLDER; playwright-core and chromium are installed by .ci/page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const [staunch, folder, tools] = process.argv.slice(2);
const { chromium } = createRequire(join(tools, "package.json"))("playwright-core");
mkdirSync(folder, { recursive: true });

// The page of a real audit of a repository made for it.
const repo = join(folder, "repo");
const git = (...args) => execFileSync("git", ["-C", repo, "-c", "user.name=Ann", "-c", "user.email=ann@example.com", ...args]);
execFileSync("rm", ["-rf", repo]);
execFileSync("git", ["init", "-q", "-b", "main", repo]);
const random = (count, letters) => Array.from({ length: count }, (_, at) => letters[(at * 7919 + count * 31 + seed * 104729 + ((at * seed) % 13)) % letters.length]).join("");
let seed = 1;
const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const put = (name, text, date) => {
  const file = join(repo, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  git("add", "-f", ".");
  execFileSync("git", ["-C", repo, "-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "-q", "-m", `change ${name}`],
    { env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } });
};
const name = ["pass", "word"].join("");
for (const [path, year] of [["deploy/prod/db.env", 2019], ["services/pay/staging.env", 2021], ["spec/fixtures/dev.env", 2022], ["a/<img src=x onerror=alert(1)>.env", 2023], ["web/.env", 2025]]) {
  seed += 1;
  put(path, `DB_${name.toUpperCase()}=${random(22, LETTERS)}\nURL=postgres://app:${random(20, LETTERS)}@db${seed}.acme.io/shop\n`, `${year}-03-01T12:00:00Z`);
}
git("rm", "-q", "services/pay/staging.env");
git("commit", "-q", "-m", "remove it");
const out = join(folder, "page.html");
try { execFileSync(staunch, ["audit", repo, "--format", `html=${out}`]); } catch (error) { assert.equal(error.status, 1, String(error.stderr)); }

// The same page with ten thousand credentials.
const page = readFileSync(out, "utf8");
const start = page.indexOf('id="data">') + 10;
const end = page.indexOf("</script>", start);
const data = JSON.parse(page.slice(start, end));
assert.ok(data.credentials.length >= 5, `${data.credentials.length} credentials`);
const many = Array.from({ length: 10_000 }, (_, at) => ({ ...data.credentials[at % data.credentials.length], fingerprint: at.toString(16).padStart(20, "0"), title: `Kind-${at % 97}x` }));
const large = join(folder, "large.html");
writeFileSync(large, page.slice(0, start) + JSON.stringify({ ...data, credentials: many }).replaceAll("<", "\\u003c") + page.slice(end));

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const problems = [];
const opened = async (file, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  tab.on("pageerror", (error) => problems.push(String(error)));
  tab.on("console", (message) => { if (message.type() === "error") problems.push(message.text()); });
  tab.on("dialog", (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  tab.on("request", (request) => { if (!request.url().startsWith("file:")) problems.push(`it asked for ${request.url()}`); });
  await tab.goto(`file://${file}`);
  return tab;
};
const rows = (tab) => tab.locator("#space .row");
const found = async (tab) => (await tab.textContent("#found")).split(" of ")[0];

{ // Light: filter, sort, open, close.
  const tab = await opened(out);
  await tab.screenshot({ path: join(folder, "light.png"), fullPage: true });
  assert.equal(await found(tab), String(data.credentials.length));
  await tab.keyboard.press("/");
  await tab.keyboard.type("db2.acme.io");
  assert.equal(await found(tab), "1", "what a credential says of itself is searched as well");
  await tab.fill("#search", "");
  await tab.click('[data-sort="path"] button');
  const paths = await tab.locator("#space .row .path").allTextContents();
  assert.deepEqual(paths, [...paths].sort(), "sorted by path");
  await tab.click('[data-sort="path"] button');
  assert.deepEqual(await tab.locator("#space .row .path").allTextContents(), [...paths].sort().reverse());
  await tab.click("#body", { position: { x: 5, y: 300 } }).catch(() => {});
  if (await tab.locator("dialog[open]").count()) await tab.keyboard.press("Escape");
  await tab.focus("#body");
  await tab.keyboard.press("Home");
  await tab.keyboard.press("j");
  assert.equal(await tab.locator('#space .row[aria-selected="true"]').getAttribute("id"), "row-1");
  await tab.keyboard.press("Enter");
  assert.ok(await tab.locator("dialog[open]").isVisible());
  assert.ok((await tab.locator("#content").textContent()).includes("Severity, added up"));
  for (const address of await tab.locator("#content a").evaluateAll((links) => links.map((link) => link.href))) assert.ok(address.startsWith("https://"), address);
  assert.ok((await tab.locator("#content .chip").first().textContent()).startsWith("NHI2:2025"));
  await tab.screenshot({ path: join(folder, "one.png") });
  await tab.keyboard.press("Escape");
  assert.equal(await tab.locator("dialog[open]").count(), 0);
  const first = await tab.locator("#by-provider button").first();
  await first.click();
  assert.equal(await first.getAttribute("aria-pressed"), "true");
  await tab.context().close();
}
{ // Hostile names stay text.
  const tab = await opened(out);
  assert.equal(await tab.locator("img").count(), 0);
  assert.ok((await tab.locator("#space").textContent()).includes("<img src=x onerror=alert(1)>"));
  await tab.context().close();
}
{ // Dark by the system's wish, and by the button.
  const tab = await opened(out, { colorScheme: "dark" });
  assert.equal(await tab.evaluate(() => document.documentElement.dataset.theme), "dark");
  await tab.screenshot({ path: join(folder, "dark.png"), fullPage: true });
  await tab.click("#theme");
  assert.equal(await tab.evaluate(() => document.documentElement.dataset.theme), "light");
  await tab.context().close();
}
{ // Ten thousand scroll, and only what is in sight is made.
  const tab = await opened(large);
  assert.equal(await found(tab), "10,000");
  const took = await tab.evaluate(async () => {
    const body = document.getElementById("body");
    const start = performance.now();
    for (let step = 0; step < 40; step += 1) {
      body.scrollTop = (body.scrollHeight * step) / 40;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    return performance.now() - start;
  });
  assert.ok(took < 8_000, `${took} ms for forty steps`);
  assert.ok((await rows(tab).count()) < 60, "rows out of sight are not made");
  await tab.focus("#body");
  await tab.keyboard.press("End");
  assert.equal(await tab.locator('#space .row[aria-selected="true"]').getAttribute("id"), "row-9999");
  await tab.fill("#search", "kind-42x");
  assert.equal(await found(tab), String(many.filter((item) => item.title.toLowerCase().includes("kind-42x")).length));
  await tab.screenshot({ path: join(folder, "large.png") });
  await tab.context().close();
}
{ // A small screen, and paper.
  const tab = await opened(out, { viewport: { width: 390, height: 800 } });
  assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), "nothing sticks out");
  await tab.screenshot({ path: join(folder, "small.png") });
  await tab.pdf({ path: join(folder, "page.pdf") });
  await tab.context().close();
}
await browser.close();
assert.deepEqual(problems, []);
console.log("the page holds");
