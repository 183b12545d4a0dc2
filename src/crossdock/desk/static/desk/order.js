// The page of one order: on to its neighbours in the list, by the list's own keys.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  if (event.key === "j" || event.key === "]") document.querySelector("a[rel=next]")?.click();
  if (event.key === "k" || event.key === "[") document.querySelector("a[rel=prev]")?.click();
});
