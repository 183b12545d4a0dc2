// A store that stops shows on a page that nobody reloads, such as that of a packing bench. The orders page
// hears of it with its own news.
import { freshen } from "./freshen.js";

const EVERY = 60000;
let known = "";

async function look() {
  if (document.hidden) return;
  const address = new URL(document.getElementById("stopped").dataset.live, location);
  address.searchParams.set("known", known);
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (answer?.status !== 200) return;
  const told = await answer.json();
  known = told.mark;
  freshen("stopped", told.stopped);
  freshen("stopped-mark", told.stopped_mark);
}

if (document.getElementById("stopped") && !document.getElementById("list")) {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
