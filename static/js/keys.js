// Keys on a page with cards: they move between them and vote (WCAG 2.1.4: they can be switched off, and stay so).

const dialog = document.querySelector("#keys");
const button = document.querySelector("#keys-button");
const box = document.querySelector("#keys-on");
const OFF = "keys-off";

box.checked = localStorage.getItem(OFF) === null;
box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
button.hidden = false;
button.addEventListener("click", () => dialog.showModal());

const here = () => document.activeElement.closest("article.card");
const go = (step) => {
  const cards = [...document.querySelectorAll("article.card")];
  const at = cards.indexOf(here());
  const next = at < 0 ? cards[step > 0 ? 0 : cards.length - 1] : cards[at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
};
const deeds = {
  j: () => go(1),
  k: () => go(-1),
  v: () => here()?.querySelector("[aria-pressed]")?.click(),
  s: () => {
    const reason = here()?.querySelector("textarea");
    if (!reason) return;
    reason.closest("details").open = true;
    reason.focus();
  },
  n: () => dialog.querySelector("[data-key=n]")?.click(),
  "/": () => dialog.querySelector("[data-key='/']").click(),
  "?": () => dialog.showModal(),
};

document.addEventListener("keydown", (event) => {
  const elsewhere = event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented;
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
  if (elsewhere || typing || !box.checked || !Object.hasOwn(deeds, event.key)) return;
  event.preventDefault();
  deeds[event.key]();
});
