// A part of the page is replaced by what the server sends of it, and keeps the focus and an open menu.
export function made(html, parent = "div") {
  const place = document.createElement(parent);
  place.innerHTML = html;
  return place.firstElementChild;
}

// What is sent differs in nothing but ages and form tokens most of the time: then the old stays, with the
// ages renewed, and no screen reader tells it anew.
export function freshen(id, html) {
  const [old, now] = [document.getElementById(id), made(html)];
  if (!old) return;
  if (bare(old) === bare(now)) return ages(old, now);
  const focused = old.contains(document.activeElement);
  if (old.querySelector("details[open]")) now.querySelector("details")?.setAttribute("open", "");
  old.replaceWith(now);
  if (focused) now.querySelector("summary, a, button")?.focus({ preventScroll: true });
}

function bare(element) {
  const copy = element.cloneNode(true);
  for (const one of copy.querySelectorAll("[data-age]")) one.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function ages(old, now) {
  const sent = [...now.querySelectorAll("[data-age]")];
  for (const [at, one] of [...old.querySelectorAll("[data-age]")].entries()) if (sent[at]) one.replaceWith(sent[at]);
}
