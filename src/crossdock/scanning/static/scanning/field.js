// The field that every scan goes into, wherever the focus is.
import { openCamera } from "./camera.js";
import { takesKey } from "./choices.js";

const field = document.getElementById("code");
const pending = document.getElementById("pending");
const ANSWERS = ".verdict, #in-hand"; // a scanner's Enter presses no button there (Space and a click do)

export function backToField() {
  field.focus();
}

export function tellWaiting(count) {
  pending.hidden = !count;
  pending.textContent = count ? `${count} scan${count > 1 ? "s wait" : " waits"} for the connection. Go on: nothing is lost.` : "";
}

export function everyScan(take) {
  const taken = (text) => { if (text.trim()) take(text.trim()); };
  document.getElementById("scan-form").addEventListener("submit", (event) => {
    event.preventDefault();
    taken(field.value);
    field.value = "";
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || takesKey(event, field)) return;
    const here = document.activeElement;
    if (event.key === "Enter" && here?.tagName === "BUTTON" && here.closest(ANSWERS)) {
      event.preventDefault();
      backToField();
    } else if (event.key.length === 1 && event.key !== " " && here !== field) backToField();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) backToField(); });
  document.getElementById("camera").addEventListener("click", () => openCamera(taken));
  backToField();
}
