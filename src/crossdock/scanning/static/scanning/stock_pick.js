// Stock Pick: the order is scanned, then its items. Nothing here is answered by a scanner's Enter.
import { ask } from "./choices.js";
import { backToField, everyScan, tellWaiting } from "./field.js";
import { Outbox } from "./outbox.js";
import { play } from "./sounds.js";

const page = document.getElementById("pick");
const verdict = document.getElementById("verdict");
const sure = document.getElementById("sure");
const TITLES = {
  ready: "Scan the items", item: "Counted", overscan: "Too many", complete: "Complete", already: "Verified already",
  cancelled: "Cancelled: keep it here", void: "Void label: keep it here", "wrong-stage": "Not now", several: "Which one?", unknown: "Unknown code",
};
const LOOKS = { item: "already", complete: "ready", overscan: "failed" };
const SURE = { complete: "Complete with the difference", leave: "Leave it unverified" };

const outbox = new Outbox(page.dataset.scan, answered, tellWaiting, "crossdock.picks");

function answered(told, scan) {
  sure.hidden = true;
  if (told.answer) {
    verdict.dataset.answer = LOOKS[told.answer] ?? told.answer;
    document.getElementById("verdict-title").textContent = TITLES[told.answer] ?? told.answer;
    play(told.answer);
  }
  document.getElementById("verdict-words").textContent = [told.order || told.code, told.store, told.words].filter(Boolean).join(" · ");
  if (told.html !== undefined) document.getElementById("in-hand").innerHTML = told.html;
  ask(told.choices ?? [], ({ order }) => {
    outbox.add(scan.code, { order });
    backToField();
  });
}

async function byHand(deed) {
  const body = new FormData();
  body.append("deed", deed);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(page.dataset.byHand, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) answered(await answer.json(), {});
  else tellWaiting(1);
  backToField();
}

// What is done by hand is asked for once more, in the verdict's own place.
document.getElementById("in-hand").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.deed) byHand(button.dataset.deed);
  if (button?.dataset.ask) {
    const yes = document.getElementById("sure-yes");
    yes.textContent = SURE[button.dataset.ask];
    yes.dataset.deed = button.dataset.ask;
    sure.hidden = false;
    yes.scrollIntoView({ block: "nearest" });
  }
});
document.getElementById("sure-yes").addEventListener("click", (event) => byHand(event.currentTarget.dataset.deed));
document.getElementById("sure-no").addEventListener("click", () => { sure.hidden = true; backToField(); });

everyScan((code) => outbox.add(code));
