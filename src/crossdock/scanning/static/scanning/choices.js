// Several orders have the code that was scanned: keys 1 to 9, or a click. Never a guess.
const list = document.getElementById("choices");
const MOST = 9;
const TYPING = 200; // milliseconds: keys that follow each other faster come from a scanner
let digit = null; // the key that may be a choice, or the beginning of the next code

export function ask(found, choose) {
  list.hidden = !found.length;
  list.replaceChildren(...found.slice(0, MOST).map((one, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${place + 1}  ${one.store} · ${one.id} · ${one.units} units`;
    button.addEventListener("click", () => { ask([]); choose(one); });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

// Whether the key is a choice, or is held back until that is clear. What was held back and is none goes
// to the field.
export function takesKey(event, field) {
  if (digit) {
    clearTimeout(digit.timer);
    const { key, button } = digit;
    digit = null;
    if (event.key === "Enter") {
      event.preventDefault();
      button.click();
      return true;
    }
    field.value += key;
  }
  const button = /^[1-9]$/.test(event.key) && !field.value && !list.hidden && list.querySelectorAll("button")[Number(event.key) - 1];
  if (!button) return false;
  event.preventDefault();
  digit = { key: event.key, button, timer: setTimeout(() => { digit = null; button.click(); }, TYPING) };
  return true;
}
