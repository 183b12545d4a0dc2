// The list lives: counts, changed rows, running batches and the freshness of the stores follow. New orders
// are told, and come when somebody asks for them: nothing jumps. A hidden tab does not ask.
import { freshen, made } from "../ui/freshen.js";
import { change, chosen, hold, leave, steadily, takeOver } from "./rows.js";

const EVERY = 5000;
const SLOWEST = 60000;
const PATIENCE = 15000;
const LOST_AFTER = 20000;
let known = "";
let list = null;
let heard = Date.now();
let failures = 0;
let asking = false;
let waiting = null;
const dismissed = new Set();

const isHidden = () => document.hidden || document.visibilityState === "hidden";
const place = (id) => document.getElementById(id);

function soon(milliseconds) {
  clearTimeout(waiting);
  waiting = setTimeout(look, milliseconds);
}

async function look() {
  clearTimeout(waiting);
  if (asking || isHidden()) return;
  asking = true;
  const asked = place("list");
  if (asked !== list) [list, known] = [asked, ""];
  try {
    const answer = await fetch(address(asked), { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.type === "opaqueredirect") return out();
    if (!answer.ok) throw new Error(answer.status);
    const told = answer.status === 204 ? null : await answer.json();
    heard = Date.now();
    failures = 0;
    if (told && place("list") === asked) show(told);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException || /^\d+$/.test(error.message))) throw error;
    failures += 1;
  } finally {
    asking = false;
    soon(Math.min(EVERY * 2 ** failures, SLOWEST));
    lost();
  }
}

function address(asked) {
  const rows = [...document.querySelectorAll("#rows > tr[data-pk]")].map((row) => `${row.dataset.pk}.${row.dataset.version}`);
  const batches = [...document.querySelectorAll("#progress [id^=batch-]")].map((one) => one.id.slice(6));
  const found = new URL(asked.dataset.live, location);
  found.searchParams.set("rows", rows.join("-"));
  found.searchParams.set("batches", [...batches, ...dismissed].join("-"));
  found.searchParams.set("known", known);
  return found;
}

function show(told) {
  known = told.mark;
  for (const [tab, count] of Object.entries(told.counts)) {
    const number = place(`count-${tab}`);
    if (number && number.textContent !== count) number.textContent = count;
  }
  told.progress.forEach(join);
  news(told.news);
  freshen("stopped-mark", told.stopped_mark);
  // At the top of the page what is said of stores shows, and may push the list; further down the list has
  // to stay where it is.
  const stores = () => ["stopped", "fresh"].forEach((id) => freshen(id, told[id]));
  if (!window.scrollY) stores();
  steadily(() => {
    if (window.scrollY) stores();
    told.rows.forEach(change);
    told.gone.forEach(leave);
  });
  if (told.rows.length || told.gone.length) document.body.dispatchEvent(new CustomEvent("rows-changed"));
}

function news(number) {
  const bar = place("news");
  if (!number) return bar.replaceChildren();
  const [one, many] = bar.dataset.words.split("|");
  const words = `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
  if (bar.querySelector("a")?.firstChild.textContent === words) return;
  const link = document.createElement("a");
  link.href = bar.dataset.first;
  link.className = "told info";
  link.append(words, made("<kbd aria-hidden='true'>r</kbd>"));
  link.title = "Show them (r)";
  bar.replaceChildren(link);
}

// On the first page the list is made anew where it stands; from a later one the link leads to the first.
function load(event) {
  const link = event.target.closest("#news a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || place("news").dataset.stays === undefined) return;
  event.preventDefault();
  const [old, ticked] = [place("list"), chosen()];
  const seen = new Set([...document.querySelectorAll("#rows > tr")].map((row) => row.dataset.pk));
  const focused = place("news").contains(document.activeElement);
  const settled = () => {
    if (place("list") === old) return;
    document.body.removeEventListener("htmx:afterSettle", settled);
    takeOver(ticked, seen);
    document.body.dispatchEvent(new CustomEvent("rows-changed"));
    if (place("list").getBoundingClientRect().top < 0) place("list").scrollIntoView({ block: "start" });
    if (focused) document.querySelector("#rows a")?.focus({ preventScroll: true });
  };
  document.body.addEventListener("htmx:afterSettle", settled);
  window.htmx.ajax("GET", link.href, { target: "#list", select: "#list", swap: "outerHTML" });
}

// A colleague's batch shows beside the list, does not move it, and goes soon after its end.
function join(html) {
  const panel = made(html);
  if (place(panel.id)) return;
  place("others").append(panel);
  window.htmx?.process(panel);
  part();
}

function part() {
  for (const panel of document.querySelectorAll("#others .finished:not([data-parting])")) {
    panel.dataset.parting = "";
    setTimeout(() => dismiss(panel), 20000);
  }
}

function dismiss(panel) {
  dismissed.add(panel.id.slice(6));
  panel.remove();
}

function lost() {
  const bar = place("lost");
  const silent = Date.now() - heard;
  if (failures && silent > LOST_AFTER && bar.hidden) {
    bar.replaceChildren("Connection lost, last news ", made(`<time class="age" data-age="${Math.round(silent / 1000)}"></time>`));
    bar.hidden = false;
  } else if (!failures) bar.hidden = true;
}

function out() {
  const bar = place("lost");
  bar.replaceChildren("You are logged out: ", made(`<a>log in again</a>`), " for news.");
  bar.querySelector("a").href = location.href;
  bar.hidden = false;
  failures = 6;
}

document.addEventListener("visibilitychange", look);
window.addEventListener("online", look);
window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
document.addEventListener("click", load);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss-others]")) document.querySelectorAll("#others [id^=batch-]").forEach(dismiss);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "r" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [popover]")) document.querySelector("#news a")?.click();
});
// The end of one's own batch has the list made anew; a colleague's must not.
place("others")?.addEventListener("batch-finished", (event) => event.stopPropagation());
document.body.addEventListener("htmx:afterSettle", () => {
  part();
  if (place("list") !== list) hold();
});
window.addEventListener("resize", hold);
hold();
setInterval(lost, 1000);
soon(performance.getEntriesByType("navigation")[0]?.type === "back_forward" ? 0 : EVERY);
