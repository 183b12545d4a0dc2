// The preview follows the form as it stands.
const form = document.getElementById("paper-form");

function told() {
  const pairs = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  return new URLSearchParams(pairs);
}

form.addEventListener("change", () => {
  for (const picture of document.querySelectorAll("[data-preview]")) {
    picture.src = `${picture.dataset.preview}?${told()}`;
  }
});
