// Scan To Ship: what is scanned is answered at once; what the channel says later turns the row.
import { openCamera } from "./camera.js";
import { Outbox } from "./outbox.js";
import { play } from "./sounds.js";

const page = document.getElementById("scan");
const field = document.getElementById("code");
const verdict = document.getElementById("verdict");
const choices = document.getElementById("choices");
const rows = document.getElementById("rows");
const TITLES = {
  ready: "Ready", already: "Already scanned", cancelled: "Cancelled: keep it here", "wrong-stage": "Wrong stage",
  several: "Which one?", unknown: "Unknown code", failed: "Did not work",
};
const LOOK = 1000;
const TYPING = 200; // milliseconds: keys that follow each other faster come from a scanner
let asked = null; // the scan that waits for a choice

const outbox = new Outbox(page.dataset.take, answered, waiting);

document.getElementById("scan-form").addEventListener("submit", (event) => {
  event.preventDefault();
  take(field.value);
  field.value = "";
});

function take(text) {
  const code = text.trim();
  if (!code) return;
  const entered = performance.now();
  outbox.add(code).entered = entered;
}

function answered(told, scan) {
  show(told.answer, told.words, told.order || told.code, told.store);
  asked = told.answer === "several" ? scan : null;
  offer(told.choices ?? []);
  if (told.row) put(told.row);
  play(told.answer);
  if (scan.entered) {
    requestAnimationFrame(() => setTimeout(() => performance.measure("scan", { start: scan.entered, detail: told.code })));
  }
}

function show(answer, words, code, store) {
  verdict.dataset.answer = answer;
  document.getElementById("verdict-title").textContent = TITLES[answer] ?? answer;
  document.getElementById("verdict-words").textContent = [code, store, words].filter(Boolean).join(" · ");
}

function waiting(count) {
  const note = document.getElementById("pending");
  note.hidden = !count;
  note.textContent = count ? `${count} scan${count > 1 ? "s wait" : " waits"} for the connection. Go on: nothing is lost.` : "";
}

// Several orders have the code: keys 1 to 9, or a click. Never a guess.
function offer(found) {
  choices.hidden = !found.length;
  choices.replaceChildren(...found.slice(0, 9).map((one, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${place + 1}  ${one.store} · ${one.id} · ${one.units} units`;
    button.addEventListener("click", () => choose(one.order));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

function choose(order) {
  if (!asked) return;
  const { code } = asked;
  asked = null;
  offer([]);
  outbox.add(code, { order });
  field.focus();
}

// Whatever is typed goes to the field, wherever the focus is; a single digit picks among several.
let digit = null;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (digit) {
    clearTimeout(digit.timer);
    const { key, button } = digit;
    digit = null;
    if (event.key === "Enter") {
      event.preventDefault();
      button?.click();
      return;
    }
    field.value += key;
  }
  if (asked && /^[1-9]$/.test(event.key) && !field.value) {
    const button = choices.querySelectorAll("button")[Number(event.key) - 1];
    event.preventDefault();
    digit = { key: event.key, button, timer: setTimeout(() => { digit = null; button?.click(); }, TYPING) };
    return;
  }
  if (event.key.length === 1 && document.activeElement !== field) field.focus();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) field.focus(); });

function put(row) {
  const body = document.createElement("tbody");
  body.innerHTML = row.html;
  const made = body.firstElementChild;
  const old = rows.querySelector(`[data-scan="${row.scan}"]`) ?? rows.querySelector(`[data-order-id="${CSS.escape(made.dataset.orderId)}"]`);
  if (old?.dataset.version === row.version) return;
  const turned = old && old.dataset.standing !== "failed" && row.standing === "failed";
  if (old && row.standing !== "failed") old.replaceWith(made);
  else { old?.remove(); rows.prepend(made); }
  if (turned) {
    show("failed", row.words, made.dataset.orderId, "");
    play("failed");
  }
  document.getElementById("none").hidden = rows.children.length > 0;
  document.getElementById("scanned-count").textContent = rows.children.length;
}

// What became of the scans that are still moving.
async function look() {
  const moving = [...rows.querySelectorAll('[data-standing="moving"], [data-standing="waiting"]')].map((row) => row.dataset.scan);
  if (!moving.length || document.hidden) return;
  const told = await fetch(`${page.dataset.news}?${new URLSearchParams(moving.slice(0, 200).map((scan) => ["scan", scan]))}`).catch(() => null);
  if (!told?.ok) return;
  for (const row of (await told.json()).rows) put(row);
}
(async function watch() {
  for (;;) {
    await look();
    await new Promise((done) => setTimeout(done, LOOK));
  }
})();

document.getElementById("camera").addEventListener("click", () => openCamera(take));
field.focus();
