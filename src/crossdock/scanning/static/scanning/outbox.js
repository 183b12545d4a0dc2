// Scans on their way to the server. Each has a nonce, is kept in this browser until it is answered, and
// is sent again after a lost answer: the server knows it by its nonce.
const PAUSE = 2000;

export class Outbox {
  constructor(address, onAnswer, onWaiting, key = "crossdock.scans") {
    Object.assign(this, { address, onAnswer, onWaiting, key, sending: false });
    this.waiting = JSON.parse(localStorage.getItem(key) ?? "[]");
    this.send();
  }

  add(code, more = {}) {
    const scan = { code, nonce: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, ...more };
    this.waiting.push(scan);
    this.keep();
    this.send();
    return scan;
  }

  keep() {
    localStorage.setItem(this.key, JSON.stringify(this.waiting));
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    while (this.waiting.length) {
      const scan = this.waiting[0];
      const told = await this.ask(scan);
      if (!told) {
        this.onWaiting(this.waiting.length);
        await new Promise((done) => setTimeout(done, PAUSE));
        continue;
      }
      this.waiting.shift();
      this.keep();
      this.onWaiting(0);
      this.onAnswer(told, scan);
    }
    this.sending = false;
  }

  // The answer; null when none came. A refusal of the scan itself is an answer too.
  async ask(scan) {
    const body = new FormData();
    for (const name of ["code", "nonce", "order", "quantity"]) if (scan[name]) body.append(name, scan[name]);
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
      const answer = await fetch(this.address, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
      if (answer.redirected) return location.reload(), null;
      if (answer.status >= 500 || answer.status === 429) return null;
      const told = await answer.json();
      return answer.ok ? told : { answer: "unknown", code: scan.code, words: told.words, choices: [] };
    } catch {
      return null;
    }
  }
}
