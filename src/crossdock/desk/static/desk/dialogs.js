// Dialogs that come from the server, and what happens once a batch has begun.
document.body.addEventListener("htmx:afterSwap", () => {
  document.querySelector("dialog[data-open]:not([open])")?.showModal();
});

document.body.addEventListener("batch-started", () => {
  document.querySelector("#asking dialog")?.remove();
  renew();
});

// A new form key for the next batch: the same key would be the same batch.
function renew() {
  for (const key of document.querySelectorAll("[name=form_key]")) {
    key.value = crypto.getRandomValues(new Uint32Array(4)).join("-");
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest("dialog").remove();
});
document.addEventListener("close", (event) => {
  if (event.target.matches("#asking dialog")) event.target.remove();
}, true);
