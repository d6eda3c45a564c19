"use strict";

const admin = "/__admin";
const kept = 300;
let seen = 0;
let began = null;
let isPaused = false;
let isSeedEdited = false;

const at = (id) => document.getElementById(id);

/** An element with texts or elements in it: nothing that came over the wire is ever read as HTML. */
function element(name, contents = [], kind = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.append(...[].concat(contents).map((one) => (one instanceof Node ? one : String(one ?? ""))));
  return made;
}

function say(text, isBad = false) {
  const said = at("said");
  said.textContent = text;
  said.className = isBad ? "bad" : "good";
}

async function told(answer) {
  const text = await answer.text();
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${answer.status}: ${text}`);
  }
  if (value && value.error) throw new Error(`${value.error.field}: expected ${value.error.expected}`);
  return value;
}

const ask = async (path) => told(await fetch(admin + path));

/** Orders something, says what came of it, and shows what it is now. */
async function order(path, body, done) {
  try {
    const value = await told(await fetch(admin + path, { method: "POST", body }));
    say(typeof done === "function" ? done(value) : done);
    await show();
    return value;
  } catch (error) {
    say(error.message, true);
    return null;
  }
}

const orderJson = (path, value, done) => order(path, JSON.stringify(value), done);

function time(text) {
  const made = element("time", text.slice(0, 19).replace("T", " "));
  made.dateTime = text;
  return made;
}

function rights(organisation) {
  const words = ["refund", "lcp", "eden"].filter((name) => organisation[name]);
  return words.length ? words.join(", ") : "–";
}

function showAbout(about) {
  at("summary").textContent =
    `${about.products} products, ${about.sales} sales, ${about.requests} requests at ${location.origin}`;
  at("now").textContent = about.now.slice(0, 19).replace("T", " ");
  at("now").dateTime = about.now;
  at("clock-kind").textContent = about.clock === "standing" ? "stands still" : "is running";
  at("organisations").replaceChildren(
    ...about.organisations.map((one) =>
      element("tr", [
        ...[one.id, one.username, one.password, one.token ?? "–", one.country ?? "–"],
        one.publishers === "all" ? "all" : one.publishers.join(", "),
        rights(one),
      ].map((cell) => element("td", cell))),
    ),
  );
  at("configuration").textContent = about.configuration ?? "";
  const switches = Object.entries(about.switches).filter(([, value]) => value !== null);
  at("switches").textContent =
    `Dialect ${about.dialect}, ${about.strict ? "strict" : "lenient"}; ` +
    switches.map(([name, value]) => `${name} ${value}`).join(", ");
  at("faults").replaceChildren(
    ...about.faults.map((fault) =>
      element("li", `${fault.service}: ${JSON.stringify(fault.do)}, from request ${fault.nth}, ${fault.times} times, ${fault.seen} seen`),
    ),
  );
  if (!isSeedEdited) {
    at("seed-text").value = JSON.stringify(about.seed, null, 2);
  }
}

function answerOf(line) {
  const kind = line.status < 300 ? "good" : line.status < 500 ? "bad" : "warn";
  const out = [element("span", [line.status, " ", line.codes.join(" ")], kind)];
  if (line.fault) out.push(element("div", `fault: ${line.fault}`, "warn"));
  if (line.because) out.push(element("div", `because ${line.because.join("; ")}`, "why"));
  if (line.would_be_taken_with) {
    const changes = Object.entries(line.would_be_taken_with).map(([name, value]) => `${name}=${value}`);
    out.push(element("div", `would be taken with ${changes.join(", ")}`, "why"));
  }
  if (line.not_read.length) out.push(element("div", `not read: ${line.not_read.join(", ")}`, "warn"));
  return out;
}

function requestOf(line) {
  const given = { ...line.query, ...line.form, ...(line.json && typeof line.json === "object" ? line.json : {}) };
  const parameters = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  const out = [`${line.method} ${line.path}`];
  if (parameters.length) out.push(element("div", parameters.join(" "), "why"));
  return out;
}

function showRequests({ count, forgotten, requests }) {
  const body = at("requests");
  for (const line of requests) {
    if (line.n <= seen) continue;
    const cells = [line.n, time(line.at), line.service ?? "–", requestOf(line), answerOf(line)];
    const row = element("tr", cells.map((cell) => element("td", cell, Array.isArray(cell) ? "long" : "")));
    row.dataset.refused = String(line.status >= 400);
    body.prepend(row);
    seen = line.n;
  }
  while (body.rows.length > kept) body.lastElementChild.remove();
  hideTaken();
  at("requests-count").textContent = forgotten ? `${count}, of which ${forgotten} are forgotten` : `${count}`;
}

function hideTaken() {
  const isRefusedOnly = at("refused-only").checked;
  for (const row of at("requests").rows) row.hidden = isRefusedOnly && row.dataset.refused === "false";
}

function showSales(sales, count) {
  at("sales-count").textContent = count > sales.length ? `${count}, the last ${sales.length} of them` : `${count}`;
  at("sales").replaceChildren(
    ...sales.reverse().map((sale) =>
      element("tr", [
        time(sale.at), sale.organisation, sale.transaction_id, sale.customer_id, sale.isbn, sale.format,
        `${sale.cost} ${sale.currency ?? ""}`, sale.country ?? "–",
        [sale.state, sale.sale_state === "active" ? "" : ` (${sale.sale_state})`, sale.downloaded ? ", downloaded" : ""].join(""),
      ].map((cell) => element("td", cell))),
    ),
  );
}

async function show() {
  const about = await ask("");
  showAbout(about);
  if (about.began !== began) {
    began = about.began;
    at("requests").replaceChildren();
    seen = Math.max(0, about.requests - kept);
  }
  const [requests, sales] = await Promise.all([ask(`/requests?after=${seen}`), ask("/sales?last=100")]);
  showRequests(requests);
  showSales(sales, about.sales);
  return about;
}

function showTable(id, rows) {
  at(id).replaceChildren(
    ...rows.flatMap((row) => [
      element("dt", row.of),
      element("dd", row.platform ? `The platform: ${row.platform}. The stand-in: ${row.stand_in}.` : row.stand_in),
    ]),
  );
}

function showChecklist(report) {
  at("checklist-sum").textContent =
    `${report.passed} passed, ${report.failed} failed, ${report.not_exercised} not exercised, of ${report.requests} requests`;
  const kinds = { passed: "good", failed: "bad", not_exercised: "why" };
  at("checklist").replaceChildren(
    ...report.checks.map((check) => {
      const why = check.because.map((one) => element("li", `request ${one.n}, ${one.method} ${one.path}: ${one.what}`));
      const rest = check.state === "not_exercised" ? [element("div", check.to_exercise, "why")] : [element("ul", why)];
      return element("li", [element("strong", check.state.replace("_", " "), kinds[check.state]), ` ${check.title}`, ...rest]);
    }),
  );
}

async function fromFile(input, use) {
  const file = input.files[0];
  input.value = "";
  if (file) await use(await file.text(), file.name);
}

async function start() {
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () =>
      orderJson("/clock", { advance_s: Number(button.dataset.advance) }, (value) => `It is ${value.now}`));
  }
  at("clock-run").addEventListener("click", () =>
    orderJson("/clock", { running: true }, (value) => `It is ${value.now}`));
  at("clock-form").addEventListener("submit", (event) => {
    event.preventDefault();
    orderJson("/clock", { now: `${at("clock-set").value}Z` }, (value) => `It is ${value.now}`);
  });
  at("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    order("/faults", at("fault-text").value, (value) => `${value.faults} faults ordered`);
  });
  at("faults-end").addEventListener("click", () => orderJson("/faults", [], "No faults are left"));
  at("reset").addEventListener("click", () => {
    if (confirm("Forget sales, requests, and everything else?")) orderJson("/reset", {}, "Begun anew");
  });
  at("seed-text").addEventListener("input", () => { isSeedEdited = true; });
  at("seed-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const begun = await order("/seed", at("seed-text").value, "Begun anew");
    if (begun) isSeedEdited = false;
  });
  at("import").addEventListener("change", (event) =>
    fromFile(event.target, (text) => order("/import", text, (value) => `Imported: ${value.products} products`)));
  at("catalogue").addEventListener("change", (event) =>
    fromFile(event.target, (text) => order("/catalogue", text, (value) =>
      `${value.added} added, ${value.replaced} replaced, ${value.removed} removed, ${value.set_aside.length} set aside`)));
  at("play").addEventListener("change", (event) =>
    fromFile(event.target, async (text, name) => {
      const played = await order("/play", text, (value) =>
        `${name}: ${value.steps} steps, ${value.failures.length} otherwise than expected`);
      at("played").hidden = !played || !played.failures.length;
      at("played").textContent = played ? played.failures.join("\n") : "";
    }));
  at("refused-only").addEventListener("change", hideTaken);
  at("pause").addEventListener("click", () => {
    isPaused = !isPaused;
    at("pause").setAttribute("aria-pressed", String(isPaused));
    at("pause").textContent = isPaused ? "Go on" : "Pause";
  });
  at("judge").addEventListener("click", async () => {
    try {
      showChecklist(await ask("/checklist"));
    } catch (error) {
      say(error.message, true);
    }
  });
  try {
    const about = await show();
    at("usual").replaceChildren(
      ...about.usual_faults.map((word) => {
        const button = element("button", word);
        button.addEventListener("click", () => orderJson("/faults", word, (value) => `${word}: ${value.faults} faults ordered`));
        return button;
      }),
    );
    showTable("differences", about.differences);
    showTable("unknown", about.unknown);
  } catch (error) {
    say(error.message, true);
  }
  let isGone = false;
  setInterval(async () => {
    if (isPaused || document.hidden) return;
    try {
      await show();
      if (isGone) say("It is back");
      isGone = false;
    } catch {
      isGone = true;
      say("The stand-in does not answer", true);
    }
  }, 1000);
}

start();
