// Rows of the list as news change them: in place, so that ticks, focus and the eye stay where they are.
import { made } from "../ui/freshen.js";

const FOCUSABLE = "a, button, input, summary";
const rowOf = (pk) => document.querySelector(`#rows > tr[data-pk="${pk}"]`);

// The order has changed: its cells that look different are replaced.
export function change({ pk, html }) {
  const row = rowOf(pk);
  const now = made(html, "tbody");
  if (!row || row.cells.length !== now.cells.length) return;
  row.classList.remove("left");
  delete row.dataset.left;
  Object.assign(row.dataset, now.dataset);
  for (const [at, cell] of [...now.cells].entries()) renew(row.cells[at], cell);
}

function renew(cell, now) {
  if (cell.isEqualNode(now)) return;
  const places = [...cell.querySelectorAll(FOCUSABLE)];
  const at = places.indexOf(document.activeElement);
  for (const box of cell.querySelectorAll("input:checked")) {
    const same = now.querySelector(`input[value="${CSS.escape(box.value)}"]`);
    if (same) same.checked = !same.disabled;
  }
  cell.replaceWith(now);
  if (at >= 0) (now.querySelectorAll(FOCUSABLE)[at] ?? now.closest("tr").querySelector("a")).focus({ preventScroll: true });
}

// The order has left this list: its row stays as it is, greyed, and can no longer be chosen.
export function leave({ pk, tab, version }) {
  const row = rowOf(pk);
  if (!row) return;
  row.dataset.version = version;
  if (row.dataset.left === tab) return;
  row.dataset.left = tab;
  row.classList.add("left");
  for (const box of row.querySelectorAll("input[name=orders]")) {
    box.checked = false;
    box.disabled = true;
  }
  const line = row.querySelector("td.order small");
  const words = document.createElement("span");
  words.className = "badge info left-for";
  words.textContent = `now in ${tab}`;
  const before = line.querySelector("span:last-child") ?? document.createElement("span");
  if (!before.isConnected) before.append(...line.childNodes);
  line.className = "gone";
  line.replaceChildren(words, before);
}

// Rows may grow while they change; the one under the pointer, or with the focus, or the first in sight
// does not move.
export function steadily(deed) {
  const rows = [...document.querySelectorAll("#rows > tr")];
  const still = document.querySelector("#rows > tr:hover")
    ?? document.activeElement.closest("#rows > tr")
    ?? rows.find((row) => row.getBoundingClientRect().top >= 0);
  const before = still?.getBoundingClientRect().top;
  deed();
  if (still?.isConnected) window.scrollBy(0, still.getBoundingClientRect().top - before);
}

// Columns keep the width that they were laid out with, whatever their cells say later.
export function hold() {
  const table = document.querySelector("#list table");
  if (!table) return;
  const heads = [...table.querySelectorAll("thead th")];
  table.style.tableLayout = "";
  for (const head of heads) head.style.width = "";
  if (getComputedStyle(table).display !== "table") return;
  const whole = table.getBoundingClientRect().width;
  const widths = heads.map((head) => head.getBoundingClientRect().width);
  for (const [at, head] of heads.entries()) head.style.width = `${(100 * widths[at]) / whole}%`;
  table.style.tableLayout = "fixed";
}

export function chosen() {
  return new Set([...document.querySelectorAll("#rows input[name=orders]:checked")].map((box) => box.value));
}

// After the list was made anew: what was chosen stays chosen, what was not there before is marked.
export function takeOver(ticked, seen) {
  for (const row of document.querySelectorAll("#rows > tr[data-pk]")) {
    const box = row.querySelector("input[name=orders]");
    if (box && !box.disabled && ticked.has(box.value)) box.checked = true;
    row.classList.toggle("new", !seen.has(row.dataset.pk));
  }
}
