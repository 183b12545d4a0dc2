// The orders page: ticking rows, walking them with the keyboard, and the form of filters.
const boxes = () => [...document.querySelectorAll("#orders-form input[name=orders]:not(:disabled)")];
const everything = () => document.querySelector("#orders-form input[name=all]");
const rows = () => [...document.querySelectorAll("#rows > tr")];

// What is ticked, in words, with the offer to take all that match.
function tell() {
  const bar = document.getElementById("selection");
  const all = document.querySelector("[data-all]");
  const ticked = boxes().filter((box) => box.checked).length;
  const whole = everything()?.checked ?? false;
  if (all) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
  if (!bar) return;
  bar.hidden = !ticked && !whole;
  bar.querySelector("[data-selected]").textContent = whole ? "All that match are selected" : `${ticked} selected`;
  const offer = bar.querySelector("[data-everything]");
  if (offer) offer.hidden = whole || !(all?.checked ?? false);
}

function clear() {
  for (const box of boxes()) box.checked = false;
  if (everything()) everything().checked = false;
  last = null;
  tell();
}

let last = null;
function upTo(box, checked) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const one of all.slice(from, to + 1)) one.checked = checked;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("input[name=orders]");
  if (box) {
    if (event.shiftKey && last) upTo(box, box.checked);
    last = box;
    tell();
  }
  if (event.target.closest("[data-everything]") && everything()) {
    everything().checked = true;
    tell();
  }
  if (event.target.closest("[data-nothing]")) clear();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-go]")) location.assign(event.target.dataset.go);
  if (event.target.matches("[data-auto]")) event.target.form.requestSubmit();
  tell();
});

// A button that opens a tab of its own is a plain form; the rest goes through htmx.
document.addEventListener("submit", (event) => {
  if (event.submitter?.formTarget) event.stopImmediatePropagation();
  if (event.target.id === "filters") {
    for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => { for (const field of event.target.elements) field.disabled = false; });
  }
}, true);

// Columns move in the dialog at once; Save keeps them.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("li");
  const other = button.dataset.move === "-1" ? item.previousElementSibling : item.nextElementSibling;
  if (other) button.dataset.move === "-1" ? other.before(item) : other.after(item);
  button.focus();
});

let here = -1;
function walk(step) {
  const all = rows();
  if (!all.length) return;
  all[here]?.classList.remove("here");
  here = Math.max(0, Math.min(all.length - 1, here + step));
  all[here].classList.add("here");
  all[here].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [popover]")) return;
  const row = rows()[here];
  const box = row?.querySelector("input[name=orders]:not(:disabled)");
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x" && box) box.click();
  else if (event.key === "X" && box) {
    if (last) upTo(box, true);
    box.checked = true;
    last = box;
    tell();
  }
  else if (event.key === "Escape") clear();
  else if (event.key === "[") document.querySelector(".pager [rel=prev]")?.click();
  else if (event.key === "]") document.querySelector(".pager [rel=next]")?.click();
  else if (event.key === "Enter" && row && event.target === document.body) location.assign(row.dataset.href);
  else if (event.key === "?") document.getElementById("keys").showModal();
  else if (button) button.click();
});

// A batch has begun: the next one starts from nothing ticked.
document.body.addEventListener("batch-started", clear);
document.body.addEventListener("htmx:afterSwap", tell);
document.body.addEventListener("rows-changed", tell);
tell();
