// The shell's own behaviour: menus close, toasts go, "/" finds the search box.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  event.target.closest("[popover] [role=menuitem]")?.closest("[popover]").hidePopover();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("[type=search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
});
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  event.preventDefault();
  event.stopPropagation();
  await navigator.clipboard?.writeText(copy.dataset.copy);
  copy.dataset.done = "";
  setTimeout(() => delete copy.dataset.done, 1200);
});
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.parentElement.remove());
// A busy server says when to come back, and its words are for the page.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 503 && event.detail.xhr.getResponseHeader("Retry-After")) event.detail.shouldSwap = true;
});
setTimeout(() => {
  for (const toast of document.querySelectorAll(".toast:not(.error)")) toast.remove();
}, 6000);
// What the server could not do is told, once, and taken back by the next answer.
function away(words) {
  document.getElementById("away")?.remove();
  if (!words) return;
  const toast = document.createElement("div");
  Object.assign(toast, { id: "away", className: "toast error", textContent: words });
  document.getElementById("toasts")?.append(toast);
}
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 503) away(detail.xhr.responseText);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.successful) away(""); });
