// "12 s ago" goes on by itself: from the age that the server sent, not from the reader's clock, which may
// be wrong.
const UNITS = [["d", 86400], ["h", 3600], ["min", 60]];
const seen = new WeakMap();

// Seconds as people say them: one unit, as the server writes it.
export function ago(seconds) {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

export function tick() {
  const now = Date.now();
  for (const one of document.querySelectorAll("[data-age]")) {
    if (!seen.has(one)) seen.set(one, now);
    const words = ago(Number(one.dataset.age) + Math.max(0, Math.floor((now - seen.get(one)) / 1000)));
    if (one.textContent !== words) one.textContent = words;
  }
}

tick();
setInterval(tick, 1000);
