// The list lives: counts, changed rows and running batches follow; new orders are told, and come when
// somebody asks for them. Nothing jumps.
const EVERY = 5000;
const LOST_AFTER = 30000;
let known = "";
let heard = Date.now();
let waiting = null;

function query() {
  const list = document.getElementById("list");
  const rows = [...document.querySelectorAll("#rows > tr[data-pk]")].map((row) => `${row.dataset.pk}:${row.dataset.version}`);
  const batches = [...document.querySelectorAll("#progress > [id^=batch-]")].map((one) => one.id.slice(6));
  const address = new URL(list.dataset.live, location);
  address.searchParams.set("rows", rows.join(","));
  address.searchParams.set("batches", batches.join(","));
  address.searchParams.set("known", known);
  return address;
}

async function look() {
  clearTimeout(waiting);
  if (document.hidden) return;
  try {
    const answer = await fetch(query());
    if (answer.status === 200 && !answer.redirected) show(await answer.json());
    if (answer.ok) heard = Date.now();
  } catch { /* told below */ }
  lost();
  waiting = setTimeout(look, Date.now() - heard > LOST_AFTER ? EVERY * 3 : EVERY);
}

function lost() {
  const bar = document.getElementById("news");
  const gone = Date.now() - heard;
  if (gone > LOST_AFTER) tell(`The connection is lost: this is how it was ${Math.round(gone / 1000)} s ago.`, "warn");
  else if (bar.dataset.kind === "warn") bar.replaceChildren();
}

function show(told) {
  known = told.mark;
  for (const [tab, count] of Object.entries(told.counts)) {
    const place = document.getElementById(`count-${tab}`);
    if (place && place.textContent !== count) place.textContent = count;
  }
  for (const row of told.rows) replace(row);
  for (const gone of told.gone) leave(gone);
  for (const html of told.progress) add(html);
  fresh(told.fresh);
  if (told.news) tell(`${told.news} new order${told.news > 1 ? "s" : ""}`, "info", true);
  else if (document.getElementById("news").dataset.kind === "info") document.getElementById("news").replaceChildren();
}

function made(html, parent = "tbody") {
  const place = document.createElement(parent);
  place.innerHTML = html;
  return place.firstElementChild;
}

function replace({ pk, html }) {
  const old = document.querySelector(`#rows > tr[data-pk="${pk}"]`);
  if (!old) return;
  const row = made(html);
  const box = old.querySelector("input[name=orders]");
  if (box?.checked) row.querySelector("input[name=orders]").checked = true;
  const focused = old.contains(document.activeElement) && document.activeElement.name === "orders";
  row.classList.toggle("here", old.classList.contains("here"));
  old.replaceWith(row);
  if (focused) row.querySelector("input[name=orders]").focus();
  document.body.dispatchEvent(new CustomEvent("rows-changed"));
}

// It has left this list: it stays where it is, greyed, and can no longer be chosen.
function leave({ pk, tab }) {
  const row = document.querySelector(`#rows > tr[data-pk="${pk}"]`);
  if (!row || row.dataset.left === tab) return;
  row.dataset.left = tab;
  row.classList.add("left");
  const box = row.querySelector("input[name=orders]");
  if (box) { box.checked = false; box.disabled = true; }
  const words = row.querySelector(".left-for") ?? document.createElement("span");
  words.className = "badge info left-for";
  words.textContent = `now in ${tab}`;
  row.querySelector("td.order").append(words);
  document.body.dispatchEvent(new CustomEvent("rows-changed"));
}

function add(html) {
  const panel = made(html, "div");
  document.getElementById("progress").append(panel);
  window.htmx?.process(panel);
}

function fresh(html) {
  const old = document.getElementById("fresh");
  if (old) old.replaceWith(made(html, "div"));
}

function tell(words, kind, isLink = false) {
  const bar = document.getElementById("news");
  bar.dataset.kind = kind;
  if (bar.textContent === words) return;
  const note = document.createElement(isLink ? "a" : "p");
  note.className = `note ${kind} news`;
  note.textContent = words;
  note.setAttribute("role", "status");
  if (isLink) note.href = location.href;
  bar.replaceChildren(note);
}

function tick() {
  for (const one of document.querySelectorAll("[data-ago]")) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(one.dataset.ago)) / 1000));
    const [unit, size] = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]].find(([, size]) => seconds >= size) ?? ["s", 1];
    if (!Number.isNaN(seconds)) one.textContent = `${Math.floor(seconds / size)} ${unit} ago`;
  }
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "r" && !event.ctrlKey && !event.metaKey && !event.target.closest("input, textarea, select")) document.querySelector("#news a")?.click();
});
document.body.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "list") known = ""; });
setInterval(tick, 1000);
waiting = setTimeout(look, EVERY);
