// The orders page: ticking rows, and walking them with the keyboard.
const boxes = () => [...document.querySelectorAll("#orders-form input[name=orders]:not(:disabled)")];

function tell() {
  const ticked = boxes().filter((box) => box.checked).length;
  const said = document.querySelector("[data-selected]");
  if (said) said.textContent = ticked ? `${ticked} selected` : "";
  const all = document.querySelector("[data-all]");
  if (all) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
}

let last = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest("input[name=orders]");
  if (!box) return;
  if (event.shiftKey && last) {
    const rows = boxes();
    const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
    for (const one of rows.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-go]")) location.assign(event.target.dataset.go);
  tell();
});

let here = -1;
function walk(step) {
  const rows = [...document.querySelectorAll("tr[data-order-id]")];
  if (!rows.length) return;
  rows[here]?.classList.remove("here");
  here = Math.max(0, Math.min(rows.length - 1, here + step));
  rows[here].classList.add("here");
  rows[here].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
  const row = document.querySelectorAll("tr[data-order-id]")[here];
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x") row?.querySelector("input[name=orders]")?.click();
  else if (event.key === "Enter" && row && event.target === document.body) location.assign(row.dataset.href);
  else if (event.key === "?") document.getElementById("keys").showModal();
  else if (button) button.click();
});

// A batch has begun: the next one starts from nothing ticked.
document.body.addEventListener("batch-started", () => {
  for (const box of boxes()) box.checked = false;
  const everything = document.querySelector("input[name=all]");
  if (everything) everything.checked = false;
  tell();
});
document.body.addEventListener("htmx:afterSwap", tell);
tell();
