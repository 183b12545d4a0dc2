// Stock Pick: the order is scanned, then its items. Nothing here is answered by a scanner's Enter.
import { openCamera } from "./camera.js";
import { Outbox } from "./outbox.js";
import { play } from "./sounds.js";

const page = document.getElementById("pick");
const field = document.getElementById("code");
const verdict = document.getElementById("verdict");
const choices = document.getElementById("choices");
const sure = document.getElementById("sure");
const TITLES = {
  ready: "Scan the items", item: "Counted", overscan: "Too many", complete: "Complete", already: "Verified already",
  cancelled: "Cancelled: keep it here", "wrong-stage": "Not now", several: "Which one?", unknown: "Unknown code",
};
const LOOKS = { item: "already", complete: "ready", overscan: "failed" };
const SURE = { complete: "Complete with the difference", leave: "Leave it unverified" };

const outbox = new Outbox(page.dataset.scan, answered, waiting, "crossdock.picks");

document.getElementById("scan-form").addEventListener("submit", (event) => {
  event.preventDefault();
  take(field.value);
  field.value = "";
});

function take(text) {
  if (text.trim()) outbox.add(text.trim());
}

function answered(told, scan) {
  sure.hidden = true;
  if (told.answer) {
    verdict.dataset.answer = LOOKS[told.answer] ?? told.answer;
    document.getElementById("verdict-title").textContent = TITLES[told.answer] ?? told.answer;
    play(told.answer);
  }
  document.getElementById("verdict-words").textContent = [told.order || told.code, told.store, told.words].filter(Boolean).join(" · ");
  if (told.html !== undefined) document.getElementById("in-hand").innerHTML = told.html;
  offer(told.choices ?? [], scan);
}

function waiting(count) {
  const note = document.getElementById("pending");
  note.hidden = !count;
  note.textContent = count ? `${count} scan${count > 1 ? "s wait" : " waits"} for the connection. Go on: nothing is lost.` : "";
}

// Several orders have the code: one is picked by a click. Never a guess.
function offer(found, scan) {
  choices.hidden = !found.length;
  choices.replaceChildren(...found.slice(0, 9).map((one) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${one.store} · ${one.id} · ${one.units} units`;
    button.addEventListener("click", () => outbox.add(scan.code, { order: one.order }));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

async function byHand(deed) {
  const body = new FormData();
  body.append("deed", deed);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(page.dataset.byHand, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) answered(await answer.json(), {});
  else waiting(1);
  field.focus();
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
document.getElementById("sure-no").addEventListener("click", () => { sure.hidden = true; field.focus(); });

// Whatever is typed goes to the field, wherever the focus is; Enter belongs to the scanner, so that it
// presses no button (Space and a click do).
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const onButton = document.activeElement?.tagName === "BUTTON";
  if (event.key === "Enter" && onButton) {
    event.preventDefault();
    field.focus();
    return;
  }
  if (event.key.length === 1 && event.key !== " " && document.activeElement !== field) field.focus();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) field.focus(); });
document.getElementById("camera").addEventListener("click", () => openCamera(take));
field.focus();
