"use strict";
// Everything shown comes from a repository that may be hostile: it is only ever set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const SEVERITIES = ["critical", "high", "medium", "low"];
const DAY = 86400000;
const now = Date.parse(data.now);

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
}
function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  for (const child of children.flat()) element.append(child);
  return element;
}
const time = (days) => (days < 0 ? "–" : days < 60 ? count(days, "day") : days < 730 ? `${Math.round(days / 30.4)} months` : `${(days / 365.25).toFixed(1)} years`);
// What stands between back quotes is code.
const prose = (text) => text.split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part));
const day = (text) => (text ? text.slice(0, 10) : "");
const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

// Reports of other scanners say less: no sum, no exposure.
const MIDDLE = { critical: 9.3, high: 7.8, medium: 5.5, low: 2.5 };
for (const [index, item] of data.credentials.entries()) {
  item.index = index;
  const exposure = item.exposure || {};
  item.rank = item.score ?? MIDDLE[item.severity];
  item.label = item.score === undefined ? item.severity : `${item.severity} ${item.score.toFixed(1)}`;
  const dates = item.places.map((place) => place.date).filter(Boolean).sort();
  exposure.first_seen ??= dates[0] ?? null;
  item.first = exposure.first_seen ? Date.parse(exposure.first_seen) : null;
  item.last = exposure.last_seen ? Date.parse(exposure.last_seen) : now;
  const periods = (exposure.periods || []).map(({ from, until }) => [Date.parse(from), until ? Date.parse(until) : now]);
  item.periods = periods.length ? periods : [[item.first, item.last]];
  item.there = Boolean(exposure.in_head || exposure.ref_count > 0);
  item.state = !item.places.some((place) => place.commit) && exposure.first_seen === null ? "not committed" : exposure.in_head ? "in HEAD" : item.there ? "in a branch, tag" : "in history only";
  item.repository = [...new Set([...((item.reuse || {}).repositories || []), ...item.places.map((place) => place.repository).filter(Boolean)])];
  item.life = !item.expiry ? "not stated" : item.expiry.never ? "never expires" : item.expiry.expired ? "expired" : "expires";
  item.age = item.first === null ? -1 : Math.max(0, Math.floor((now - item.first) / DAY));
  item.bucket = item.age < 0 ? "unknown" : item.age < 7 ? "under a week" : item.age < 30 ? "under a month" : item.age < 365 ? "under a year" : item.age < 1095 ? "1 to 3 years" : "over 3 years";
  item.path = item.places.length ? item.places[0].path : "";
  item.text = [item.title, item.provider, item.detector, item.fingerprint, item.severity, item.state, item.life, ...item.places.map((p) => p.path),
    ...Object.values(item.identity || {}), ...(item.owners || []), ...item.places.map((p) => p.author || "")].join("\n").toLowerCase();
}

// What is chosen, and in which order it is shown.
const chosen = { text: "", severity: "", provider: "", bucket: "", state: "", repository: "" };
const order = { key: "score", up: false };
let shown = [];
let selected = -1;

const KEYS = {
  score: (item) => item.rank, title: (item) => item.title.toLowerCase(), provider: (item) => item.provider.toLowerCase(),
  path: (item) => item.path, age: (item) => item.age, state: (item) => item.state,
};
function choose(key, value) {
  chosen[key] = chosen[key] === value ? "" : value;
  if ($(key)) $(key).value = chosen[key];
  update();
}
function update() {
  const words = chosen.text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (item) => ["severity", "provider", "bucket", "state", "repository"].every((key) => !chosen[key] || [item[key]].flat().includes(chosen[key])) && words.every((word) => item.text.includes(word));
  const key = KEYS[order.key];
  const sign = order.up ? 1 : -1;
  shown = data.credentials.filter(fits).sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : a.index - b.index));
  selected = shown.length ? Math.min(Math.max(selected, 0), shown.length - 1) : -1;
  $("found").textContent = `${shown.length.toLocaleString("en")} of ${data.credentials.length.toLocaleString("en")}`;
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", String(chosen[button.dataset.filter] === button.dataset.value));
  }
  for (const cell of document.querySelectorAll("[data-sort]")) {
    cell.setAttribute("aria-sort", cell.dataset.sort === order.key ? (order.up ? "ascending" : "descending") : "none");
  }
  $("body").scrollTop = 0;
  paint();
}

// Rows are made for what is in sight: ten thousand of them scroll like ten.
const ROW = 46;
const body = $("body");
const space = $("space");
function row(item, at) {
  const severity = make("span", { class: `badge ${item.severity}` }, item.label);
  const element = make("div", { class: "row", role: "row", id: `row-${at}`, "aria-rowindex": at + 2, "aria-selected": String(at === selected), onclick: () => { select(at); open(item); } },
    make("span", { role: "cell" }, severity),
    make("span", { role: "cell", title: item.title }, item.title),
    make("span", { role: "cell" }, item.provider),
    make("span", { role: "cell", class: "path", title: item.path }, make("bdi", {}, item.path)),
    make("span", { role: "cell", class: "num", title: item.age < 0 ? null : count(item.age, "day") }, time(item.age)),
    make("span", { role: "cell" }, item.state));
  element.style.top = `${at * ROW}px`;
  return element;
}
function paint(all) {
  space.style.height = `${shown.length * ROW}px`;
  body.setAttribute("aria-rowcount", shown.length + 1);
  const from = all ? 0 : Math.max(0, Math.floor(body.scrollTop / ROW) - 6);
  const to = all ? shown.length : Math.min(shown.length, from + Math.ceil(body.clientHeight / ROW) + 12);
  const rows = [];
  for (let at = from; at < to; at += 1) rows.push(row(shown[at], at));
  space.replaceChildren(...rows);
  if (!shown.length) space.replaceChildren(make("div", { class: "empty" }, data.credentials.length ? "Nothing matches." : "No credentials were found."));
  if (selected >= 0) body.setAttribute("aria-activedescendant", `row-${selected}`);
}
function select(at) {
  if (!shown.length) return;
  selected = Math.min(Math.max(at, 0), shown.length - 1);
  const top = selected * ROW;
  if (top < body.scrollTop) body.scrollTop = top;
  if (top + ROW > body.scrollTop + body.clientHeight) body.scrollTop = top + ROW - body.clientHeight;
  paint();
}
body.addEventListener("scroll", () => requestAnimationFrame(() => paint()));
addEventListener("resize", () => { paint(); timeline(); });
addEventListener("beforeprint", () => paint(true));
addEventListener("afterprint", () => paint());

// One credential.
const dialog = $("one");
function facts(pairs) {
  return make("dl", {}, pairs.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}
function arithmetic(item) {
  if (!item.arithmetic) return make("p", {}, "The report does not say how it was reckoned.");
  const sum = make("div", { class: "sum" });
  let at = 0;
  for (const part of item.arithmetic) {
    const bar = make("i", { class: part.points < 0 ? "less" : "" });
    const [from, to] = [Math.min(at, at + part.points), Math.max(at, at + part.points)].map((points) => Math.min(10, Math.max(0, points)));
    bar.style.left = `${from * 10}%`;
    bar.style.width = `${Math.max(1, (to - from) * 10)}%`;
    at += part.points;
    sum.append(make("span", { class: "points" }, (part.points > 0 ? "+" : "−") + Math.abs(part.points).toFixed(1)), make("span", {}, part.what), make("span", { class: "bar" }, bar));
  }
  sum.append(make("span", { class: "points total" }, item.score.toFixed(1)), make("span", { class: `total sev-${item.severity}` }, item.severity), make("span", { class: "total" }));
  return sum;
}
function place(at) {
  const said = [at.layer ? `in ${at.layer}` : null, at.in_head ? "in HEAD" : null, at.commit ? `brought ${[day(at.date), at.author ? `by ${at.author}` : "", `in ${at.commit.slice(0, 10)}`].filter(Boolean).join(" ")}` : at.tag ? [`in tag ${at.tag}`, at.date ? `since ${day(at.date)}` : "", at.author ? `by ${at.author}` : ""].filter(Boolean).join(" ") : at.unknown_because,
    at.touched ? `line last changed ${day(at.touched.date)} by ${at.touched.author}` : null, at.removed ? `removed ${day(at.removed.date)} by ${at.removed.author}` : null,
    at.ref_count ? count(at.ref_count, "ref") + " had or have it" : null, at.owners ? `owned by ${at.owners.join(" ")}` : null];
  const lines = (at.excerpt || []).map((line) => make("span", { class: line.own ? "own" : "" }, make("span", { class: "no" }, String(line.number)), `${line.text}\n`));
  return make("div", { class: "place" }, make("p", {}, `${at.path}:${at.line}`, make("small", {}, said.filter(Boolean).join("; "))), lines.length ? make("pre", {}, lines) : null);
}
function command(text) {
  const button = make("button", { class: "tool", onclick: () => { navigator.clipboard?.writeText(text).then(() => { button.textContent = "copied"; }, () => { button.textContent = "select it"; }); } }, "copy");
  return make("div", { class: "command" }, make("pre", {}, text), button);
}
function page(text) {
  return make("p", {}, text.startsWith("https://") ? make("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text) : text);
}
// Runbooks of one kind of credential differ in a few words, which stand behind marks.
function runbook(item) {
  const [book, words] = item.runbook;
  const said = (number) => data.texts[number].replace(/\u0001(.)/g, (_, mark) => words[mark.charCodeAt(0) - 48]);
  const step = { s: (text) => make("label", {}, make("input", { type: "checkbox" }), make("span", {}, prose(text))), c: command, n: (text) => make("p", {}, prose(text)), p: page };
  return make("ol", { class: "runbook" }, data.books[book].map(([title, items]) => make("li", {}, make("b", {}, said(title)), items.map(([kind, text]) => step[kind](said(text))))));
}
function words(item) {
  const exposure = item.exposure || {};
  return [
    ["Provider", item.provider],
    ["Says of itself", Object.entries(item.identity || {}).map(([name, value]) => `${name.replace("_", " ")} ${value}`).join(" · ")],
    ["Expires", item.expiry ? (item.expiry.never ? "never, by itself" : `${item.expiry.expired ? "expired on" : "on"} ${day(item.expiry.at)}`) : "it does not say"],
    ["Exposed", item.exposed ?? (item.first === null ? "not committed" : `since ${day(exposure.first_seen)}`)],
    ["On a remote", exposure.pushed === true ? (exposure.pushed_since ? `since ${day(exposure.pushed_since)} at the latest` : "yes") : exposure.pushed === false ? "no remote that is known" : "not known"],
    ["Owner", (item.owners || []).join(" ")],
    ["Author", item.places[0]?.author_silent_since ? `${item.places[0].author}, silent since ${day(item.places[0].author_silent_since)}` : item.places[0]?.author],
    ["Used in", [item.repository.length > 1 ? `${count(item.repository.length, "repository").replace("repositorys", "repositories")}: ${item.repository.join(", ")}` : null, count(item.reuse.files.length, "file"), ...item.reuse.services.map((s) => `service ${s}`), ...item.reuse.environments].filter(Boolean).join(", ")],
    ["Variables", item.reuse.names.join(", ")],
    ["Reaches", data.texts[item.reaches]],
    ["Fingerprint", item.fingerprint],
  ];
}
let opener = null;
function open(item) {
  const part = (title, ...content) => [make("h4", {}, title), ...content];
  $("content").replaceChildren(...[
    part("What is known", facts(words(item))),
    part("Severity, added up", arithmetic(item)),
    part("What to do", runbook(item)),
    part(count(item.place_count, "place"), ...item.places.map(place), item.place_count > item.places.length ? make("p", {}, `and ${item.place_count - item.places.length} more`) : ""),
    part("Why we think so", make("ul", { class: "clues" }, item.evidence.map(([what, weight]) => make("li", {}, make("span", { class: "w" }, (weight > 0 ? "+" : "−") + Math.abs(weight).toFixed(1)), make("span", {}, data.texts[what]))))),
    part("Evidence for", make("div", { class: "chips" }, item.standards.map(([id, title, why]) => make("span", { class: "chip", title: data.texts[why] }, `${data.texts[id]} ${data.texts[title]}`)))),
  ].flat());
  $("one-title").textContent = item.title;
  $("one-mask").textContent = item.secret;
  $("one-badge").className = `badge ${item.severity}`;
  $("one-badge").textContent = item.label;
  if (!dialog.open) { opener = document.activeElement; dialog.showModal(); }
  dialog.scrollTop = 0;
  history.replaceState(null, "", `#${item.fingerprint}`);
}
dialog.addEventListener("close", () => { history.replaceState(null, "", "#"); opener?.focus(); });
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
$("close").addEventListener("click", () => dialog.close());

// Totals, and how they are made up.
function cards() {
  const of = (severity) => data.credentials.filter((item) => item.severity === severity).length;
  const there = data.credentials.filter((item) => item.there).length;
  const days = data.credentials.map((item) => item.exposure?.days).filter((days) => days !== null && days !== undefined).sort((a, b) => a - b);
  const card = (severity) => make("button", { class: `card ${of(severity) ? severity : "none"}`, "data-filter": "severity", "data-value": severity, "aria-pressed": "false", onclick: () => choose("severity", severity) },
    make("b", {}, of(severity).toLocaleString("en")), make("span", {}, severity));
  const plain = (figure, words) => make("div", { class: "card" }, make("b", {}, figure), make("span", {}, words));
  $("cards").replaceChildren(...SEVERITIES.map(card), plain(there.toLocaleString("en"), `of ${data.credentials.length.toLocaleString("en")} still in a branch or tag`),
    plain(days.length ? time(days[Math.floor(days.length / 2)]) : "–", "exposed, in the median"));
}
function bars(target, key, title, sorted) {
  const groups = new Map();
  for (const item of data.credentials) for (const value of [item[key]].flat()) {
    const group = groups.get(value) || { critical: 0, high: 0, medium: 0, low: 0, all: 0 };
    group[item.severity] += 1;
    group.all += 1;
    groups.set(value, group);
  }
  const most = Math.max(1, ...[...groups.values()].map((group) => group.all));
  const names = sorted ? sorted.filter((name) => groups.has(name)) : [...groups.keys()].sort((a, b) => groups.get(b).all - groups.get(a).all);
  const line = (name) => {
    const group = groups.get(name);
    const track = make("span", { class: "track" }, SEVERITIES.filter((severity) => group[severity]).map((severity) => {
      const part = make("i", { class: severity });
      part.style.width = `${(100 * group[severity]) / most}%`;
      return part;
    }));
    return make("li", {}, make("button", { "data-filter": key, "data-value": name, "aria-pressed": "false", onclick: () => choose(key, name), title: `${name}: ${group.all}` },
      make("span", { class: "name" }, name), track, make("span", { class: "count" }, group.all.toLocaleString("en"))));
  };
  $(target).replaceChildren(make("h2", {}, title), make("ul", { class: "bars" }, names.slice(0, 8).map(line)), names.length > 8 ? make("small", { class: "sev-low" }, `and ${names.length - 8} more`) : "");
}

// Exposures over time: how many were open, and the worst one by one.
function timeline() {
  const dated = data.credentials.filter((item) => item.first !== null);
  const panel = $("timeline");
  panel.hidden = !dated.length;
  if (!dated.length) return;
  const width = Math.max(320, $("chart").clientWidth);
  const start = Math.min(...dated.map((item) => item.first));
  const span = Math.max(DAY, now - start);
  const x = (at) => ((Math.min(at, now) - start) / span) * width;
  const steps = Math.min(width, 400);
  const layers = new Map(SEVERITIES.map((severity) => [severity, new Array(steps + 1).fill(0)]));
  for (const item of dated) {
    const touched = new Set();
    for (const [since, until] of item.periods) {
      const to = until === now ? steps : Math.ceil(((until - start) / span) * steps);
      for (let at = Math.max(0, Math.floor(((since - start) / span) * steps)); at <= Math.min(steps, to); at += 1) touched.add(at);
    }
    for (const at of touched) layers.get(item.severity)[at] += 1;
  }
  const totals = new Array(steps + 1).fill(0).map((_, at) => SEVERITIES.reduce((sum, severity) => sum + layers.get(severity)[at], 0));
  const top = Math.max(1, ...totals);
  const height = 120;
  const lanes = [...dated].sort((a, b) => b.rank - a.rank || a.first - b.first).slice(0, 14);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height + 30 + lanes.length * 22}`, role: "img", "aria-label": "Credentials that could be read, over time" });
  svg.style.height = `${height + 30 + lanes.length * 22}px`;
  const years = [];
  const first = new Date(start).getUTCFullYear();
  const last = new Date(now).getUTCFullYear();
  const every = Math.max(1, Math.ceil((last - first) / (width / 90)));
  if (last - first < 2) for (let at = Date.UTC(first, new Date(start).getUTCMonth() + 1); at < now; at = Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + Math.max(1, Math.ceil((span / DAY / 30) / (width / 90))))) years.push([at, new Date(at).toISOString().slice(0, 7)]);
  else for (let year = first + 1; year <= last; year += every) years.push([Date.UTC(year, 0), String(year)]);
  for (const [at, label] of years) {
    svg.append(draw("line", { class: "grid", x1: x(at), x2: x(at), y1: 0, y2: height + 18 + lanes.length * 22 }), draw("text", { x: x(at) + 4, y: height + 14 }, label));
  }
  const base = new Array(steps + 1).fill(0);
  for (const severity of [...SEVERITIES].reverse()) {
    const values = layers.get(severity);
    const upper = base.map((below, at) => below + values[at]);
    const point = (at, value) => `${((at / steps) * width).toFixed(1)},${(height - (value / top) * (height - 14)).toFixed(1)}`;
    const path = `M${upper.map((value, at) => point(at, value)).join("L")}L${base.map((value, at) => point(at, value)).reverse().join("L")}Z`;
    if (values.some(Boolean)) svg.append(draw("path", { d: path, class: `fill-${severity}`, opacity: 0.82 }));
    upper.forEach((value, at) => { base[at] = value; });
  }
  svg.append(draw("text", { x: 0, y: 10 }, `${top.toLocaleString("en")} at once, at most`));
  lanes.forEach((item, at) => {
    const y = height + 26 + at * 22;
    const from = x(item.first);
    const label = draw("text", { x: from > width * 0.6 ? from - 6 : from + 6, y: y + 12, "text-anchor": from > width * 0.6 ? "end" : "start" }, `${item.title} · ${item.path.split("/").pop()}`);
    svg.append(draw("g", { class: "lane", tabindex: 0, role: "button", "aria-label": `${item.title}, ${day(item.exposure.first_seen)} until ${item.exposure.last_seen ? day(item.exposure.last_seen) : "now"}`,
      onclick: () => open(item), onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); open(item); } } },
      draw("rect", { x: 0, y, width, height: 18, fill: "transparent" }), item.periods.map(([since, until]) => draw("rect", { class: `bar fill-${item.severity}`, x: x(since), y: y + 15, width: (until === now ? width : Math.max(x(since) + 3, x(until))) - x(since), height: 3, rx: 1.5 })), label));
  });
  svg.append(draw("line", { class: "now", x1: width, x2: width, y1: 0, y2: height }));
  $("chart").replaceChildren(svg);
}

// Controls and keys.
function options(id, key, label) {
  const values = [...new Set(data.credentials.map((item) => item[key]))].sort();
  $(id).replaceChildren(make("option", { value: "" }, label), ...values.map((value) => make("option", { value }, value)));
  $(id).addEventListener("change", (event) => { chosen[key] = event.target.value; update(); });
}
options("provider", "provider", "every provider");
options("state", "state", "every state");
$("search").addEventListener("input", (event) => { chosen.text = event.target.value; update(); });
for (const cell of document.querySelectorAll("[data-sort]")) {
  cell.firstElementChild.addEventListener("click", () => {
    const key = cell.dataset.sort;
    order.up = order.key === key ? !order.up : key !== "score" && key !== "age";
    order.key = key;
    update();
  });
}
const themes = ["light", "dark"];
function theme(name) { document.documentElement.dataset.theme = name; $("theme").textContent = name === "dark" ? "Light" : "Dark"; }
theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
$("theme").addEventListener("click", () => theme(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % 2]));
addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing) { event.target.blur(); return; }
  if (dialog.open) {
    if ((event.key === "j" || event.key === "k") && selected >= 0) { select(selected + (event.key === "j" ? 1 : -1)); open(shown[selected]); }
    return;
  }
  if (event.key === "/" && !typing) { event.preventDefault(); $("search").focus(); $("search").select(); return; }
  if (typing && event.key !== "ArrowDown") return;
  const within = event.target === body || event.target === document.body || typing;
  if (event.key === "j" || (event.key === "ArrowDown" && within)) { event.preventDefault(); body.focus(); select(selected + (typing ? 0 : 1)); }
  else if (event.key === "k" || (event.key === "ArrowUp" && within)) { event.preventDefault(); body.focus(); select(selected - 1); }
  else if (event.key === "Home" && within) select(0);
  else if (event.key === "End" && within) select(shown.length - 1);
  else if (event.key === "Enter" && within && selected >= 0) { event.preventDefault(); open(shown[selected]); }
});

cards();
bars("by-provider", "provider", "By provider");
bars("by-age", "bucket", "By age", ["under a week", "under a month", "under a year", "1 to 3 years", "over 3 years", "unknown"]);
bars("by-state", "state", "By state");
if (new Set(data.credentials.flatMap((item) => item.repository)).size > 1) {
  $("by-repository").hidden = false;
  bars("by-repository", "repository", "By repository");
}
update();
timeline();
const named = data.credentials.find((item) => location.hash === `#${item.fingerprint}`);
if (named) open(named);
