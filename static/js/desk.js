// The curator's draft, put in order: by dragging a handle (mouse, pen, touch), or with the arrow keys. The order is
// kept all at once, with a reason; until then it stands on this page alone. Without this, the buttons of each line do.

const told = document.querySelector("#told");
let list, form, kept, wanted; // the list, the form that keeps its order, the order on the server, whom the focus follows

const lines = () => [...list.querySelectorAll(":scope > li")];
const order = () => lines().map((line) => line.dataset.entry);
const tell = (text) => { if (told) told.textContent = text; };

const begin = () => {
  list = document.querySelector("ol.draft");
  form = document.querySelector("form#order");
  if (!list || !form) return;
  kept = order();
  list.addEventListener("pointerdown", drag);
  list.addEventListener("keydown", press);
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") putBack(); });
  form.querySelector("[value=back]").addEventListener("click", putBack);
};

// Numbers follow the places; what is to be sent, too.
const settle = () => {
  lines().forEach((line, place) => { line.querySelector(".rank").textContent = place + 1; });
  const now = order();
  form.hidden = now.join() === kept.join();
  form.querySelectorAll("[name=order]").forEach((field) => field.remove());
  for (const entry of now) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "order", value: entry });
    form.append(field);
  }
};

const announce = (line) => {
  wanted = line.dataset.entry;
  tell(list.dataset.moved.replace("{name}", () => line.dataset.name)
    .replace("{place}", lines().indexOf(line) + 1).replace("{all}", lines().length));
};

// Its neighbours make room; the line itself is never taken out of the page, so that it keeps the focus and the pointer.
const step = (line, by) => {
  const next = by < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!next) return false;
  if (by < 0) line.after(next); else line.before(next);
  return true;
};

const press = (event) => {
  const line = event.target.closest("li");
  const grip = event.target.closest(".grip");
  if (!line || (!grip && !event.altKey)) return;
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (by) {
    event.preventDefault();
    if (step(line, by)) settle();
    announce(line);
    line.scrollIntoView({ block: "nearest", behavior: "instant" });
  } else if (grip && event.key === "Escape" && !form.hidden) {
    putBack();
  } else if (grip && event.key === "Enter" && !form.hidden) {
    event.preventDefault();
    form.querySelector("[name=reason]").focus();
  }
};

const putBack = () => {
  const by = Object.fromEntries(lines().map((line) => [line.dataset.entry, line]));
  const focused = document.activeElement;
  kept.forEach((entry) => list.append(by[entry]));
  settle();
  tell(list.dataset.back);
  (focused?.checkVisibility() ? focused : by[wanted]?.querySelector(".grip"))?.focus({ preventScroll: true });
};

const EDGE = 60; // pixels from the window's edge where dragging scrolls

const drag = (event) => {
  const grip = event.target.closest(".grip");
  if (!grip || event.button !== 0) return;
  const line = grip.closest("li");
  event.preventDefault();
  grip.focus({ preventScroll: true });
  grip.setPointerCapture(event.pointerId);
  line.classList.add("moving");
  let moved = false;
  let y = event.clientY;
  const follow = () => {
    for (;;) {
      const above = line.previousElementSibling?.getBoundingClientRect();
      const below = line.nextElementSibling?.getBoundingClientRect();
      if (above && y < above.top + above.height / 2) step(line, -1);
      else if (below && y > below.top + below.height / 2) step(line, 1);
      else break;
      moved = true;
    }
  };
  const scroll = setInterval(() => {
    const by = y < EDGE ? -12 : y > innerHeight - EDGE ? 12 : 0;
    if (by) { scrollBy({ top: by, behavior: "instant" }); follow(); }
  }, 16);
  const move = (to) => { y = to.clientY; follow(); };
  const end = () => {
    clearInterval(scroll);
    grip.removeEventListener("pointermove", move);
    line.classList.remove("moving");
    settle();
    if (moved) announce(line);
  };
  grip.addEventListener("pointermove", move);
  grip.addEventListener("lostpointercapture", end, { once: true });
};

// The server's word on the order: the list as it stands there now, kept or put back.
document.addEventListener("htmx:after:swap", () => {
  if (!document.querySelector("ol.draft") || document.querySelector("ol.draft") === list) return;
  const refused = document.querySelector("#list [role=alert]");
  begin();
  tell(refused ? "" : list.dataset.kept);
  document.querySelector(`li[data-entry="${wanted}"] .grip`)?.focus({ preventScroll: true });
});

begin();
