// Scan To Ship: what is scanned is answered at once; what the channel says later turns the row.
import { ask } from "./choices.js";
import { backToField, everyScan, tellWaiting } from "./field.js";
import { Outbox } from "./outbox.js";
import { play } from "./sounds.js";

const page = document.getElementById("scan");
const verdict = document.getElementById("verdict");
const rows = document.getElementById("rows");
const TITLES = {
  ready: "Ready", already: "Already scanned", cancelled: "Cancelled: keep it here", void: "Void label: keep it here", "wrong-stage": "Wrong stage",
  several: "Which one?", unknown: "Unknown code", failed: "Did not work",
};
const LOOK = 1000;

const outbox = new Outbox(page.dataset.take, answered, tellWaiting);

function take(code) {
  const entered = performance.now();
  outbox.add(code).entered = entered;
}

function answered(told, scan) {
  show(told.answer, told.words, told.order || told.code, told.store);
  ask(told.choices ?? [], ({ order }) => {
    outbox.add(scan.code, { order });
    backToField();
  });
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

everyScan(take);
