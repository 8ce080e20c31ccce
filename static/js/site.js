// Small comforts; every page works without them.

// Times to closing, in the reader's own zone: "in 2 days" beside the date.
const language = `${document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang}-u-nu-latn`;
for (const time of document.querySelectorAll("time[data-countdown]")) {
  const at = new Date(time.dateTime);
  time.textContent = at.toLocaleString(language, {
    weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  const left = document.createElement("span");
  time.after(" ", left);
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const tell = () => {
    const minutes = Math.round((at - Date.now()) / 60000);
    const [amount, unit] =
      Math.abs(minutes) >= 2880 ? [Math.round(minutes / 1440), "day"]
      : Math.abs(minutes) >= 120 ? [Math.round(minutes / 60), "hour"]
      : [minutes, "minute"];
    left.textContent = `(${words.format(amount, unit)})`;
  };
  tell();
  setInterval(tell, 60000);
}

// What was unfolded while an answer was on its way stays so; what was unfolded before, the answer may fold.
const unfolded = new WeakMap();
const open = () => new Set(document.querySelectorAll("details[open]"));
document.addEventListener("htmx:before:request", (event) => unfolded.set(event.detail.ctx, open()));
document.addEventListener("htmx:before:swap", (event) => {
  const before = unfolded.get(event.detail.ctx);
  if (before) unfolded.set(event.detail.ctx, [...open()].filter((fold) => !before.has(fold)));
});
document.addEventListener("htmx:after:swap", (event) => {
  for (const fold of unfolded.get(event.detail.ctx) ?? []) fold.open = true;
});

// What had the focus may have been folded away by its own success: then the vote button has it, or what is marked.
document.addEventListener("htmx:after:swap", (event) => {
  const focused = document.activeElement;
  if (focused && focused !== document.body && focused.checkVisibility()) return;
  const next = event.target.querySelector?.("[aria-pressed]") ?? document.querySelector("[data-focus]");
  next?.focus({ preventScroll: true });
});

// What went wrong out of sight is said aloud, beside what was tried.
const say = (place, text) => {
  if (!place) return;
  place.querySelector(":scope > .lost")?.remove();
  const words = document.createElement("p");
  words.className = "error lost";
  words.setAttribute("role", "alert");
  words.textContent = text;
  place.append(words);
};
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request && !event.target.matches("[data-quiet]")) say(event.target.closest("form"), document.body.dataset.lost);
});
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const button = document.querySelector("#passkey_login, #mfa_webauthn_add, #mfa_webauthn_authenticate, #mfa_webauthn_reauthenticate");
  say(button?.closest("section, form"), document.body.dataset.unused);
});

// A form is on its way: its button waits, so that a second press sends nothing. Coming back to the page frees it again.
const sent = new Set();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    setTimeout(() => { button.disabled = true; }); // after the form has taken the pressed button's name along
    sent.add(button);
  }
});
addEventListener("pageshow", () => {
  for (const button of sent) button.disabled = false;
  sent.clear();
});
