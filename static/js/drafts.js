// What somebody types into a form with `data-draft` outlives a reload: it is kept in this browser, for them alone,
// until the server has taken it, they sign out, or a week has passed.

const WEEK = 7 * 24 * 3600 * 1000;
const PREFIX = "draft:";
const mine = `${PREFIX}${document.body.dataset.user}:`;
const SENT = "draft-sent"; // in this tab: what it sent off, and from where, until the next page tells what became of it
const KEPT = "textarea, select, input:is([type=text], [type=search], [type=url], [type=email], :not([type]))";

const keyOf = (form) => mine + form.dataset.draft;
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches(KEPT));
const given = (field) =>
  field.matches("select") ? ([...field.options].find((one) => one.defaultSelected) ?? field.options[0]).value : field.defaultValue;
const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};
const write = (storage, key, value) => {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // There is no room: then it is as it would be without us.
  }
};
const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

// Of each field: what stood in it when the page came, and what was typed. A refused form comes back with what was
// typed standing in it: that is none the less a draft.
const keep = (form) => {
  const before = read(keyOf(form))?.fields ?? {};
  const fields = {};
  for (const field of fieldsOf(form)) {
    if (field.value !== given(field)) fields[field.name] = [given(field), field.value];
    else if (before[field.name]?.[1] === field.value) fields[field.name] = before[field.name];
  }
  if (Object.keys(fields).length) write(localStorage, keyOf(form), { at: Date.now(), fields });
  else localStorage.removeItem(keyOf(form));
};

const set = (field, value) => {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true })); // others listen, too
};
const tell = (form, fields) => {
  const note = document.createElement("p");
  note.className = "note kept";
  note.id = `kept-${form.dataset.draft}`;
  const clear = document.createElement("button");
  clear.type = "button";
  clear.className = "plain";
  clear.textContent = document.body.dataset.clear;
  clear.addEventListener("click", () => {
    for (const field of fields) set(field, given(field));
    note.remove();
    fields[0].focus();
  });
  note.append(`${document.body.dataset.kept} `, clear);
  const last = fields.at(-1);
  last.after(note);
  last.setAttribute("aria-describedby", `${last.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
};

// Only into a field in which nobody has typed, and which is empty or still as it was.
const restore = (form) => {
  const draft = read(keyOf(form));
  const fields = fieldsOf(form).filter((field) => {
    const [before, typed] = draft?.fields?.[field.name] ?? [];
    const now = given(field);
    return typed !== undefined && field.value === now && typed !== now && (now === "" || now === before);
  });
  if (!fields.length) return;
  for (const field of fields) {
    set(field, draft.fields[field.name][1]);
    field.closest("details")?.setAttribute("open", "");
  }
  write(localStorage, keyOf(form), draft); // as it was: looking at it makes it no younger
  tell(form, fields);
};

// A form was sent: did the server take it? If not it says so by its status, asks who this is, or shows the form again.
const settle = () => {
  const sent = JSON.parse(sessionStorage.getItem(SENT));
  sessionStorage.removeItem(SENT);
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 200;
  if (!sent || status >= 400 || document.referrer !== sent.from) return;
  const form = [...document.querySelectorAll("form[data-draft]")].find((one) => keyOf(one) === sent.key);
  if (!form || document.querySelector(".messages .success")) localStorage.removeItem(sent.key);
};

for (const key of drafts()) {
  if (!(Date.now() - read(key)?.at < WEEK)) localStorage.removeItem(key);
}
settle();

const known = new WeakSet();
const begin = () => {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (known.has(form)) continue;
    known.add(form);
    restore(form);
  }
};

setTimeout(begin); // once htmx has begun
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.draft) keep(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (new URL(form.getAttribute("action") ?? "", location).pathname.endsWith("/logout/")) {
    for (const key of drafts()) localStorage.removeItem(key);
  } else if (form.dataset.draft && !event.defaultPrevented) {
    write(sessionStorage, SENT, { key: keyOf(form), from: location.href.split("#")[0] });
  }
});

// What htmx sends stays on the page: then what the form still holds, and the server did not say, is kept on.
const answered = new Set();
document.addEventListener("htmx:after:request", (event) => {
  const form = event.target;
  if (form.matches("form[data-draft]") && event.detail.ctx.response.status < 400) answered.add(form);
});
document.addEventListener("htmx:after:swap", () => {
  for (const form of answered) {
    localStorage.removeItem(keyOf(form));
    if (form.isConnected) keep(form);
  }
  answered.clear();
  begin();
});
