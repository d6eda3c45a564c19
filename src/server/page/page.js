// What a page can do beyond being read: suggestions, names in the reader's language, and a key that leads to the search.
"use strict";

const language = document.documentElement.lang;

// Names and dates, as this browser knows them in the language of the page.
function named(kind, attribute) {
  const names = new Intl.DisplayNames([language], { type: kind, fallback: "none" });
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    try {
      const name = names.of(element.getAttribute(attribute));
      if (name) {
        const around = element.closest("[title]");
        if (around) around.title = around.title.replace(element.textContent, name);
        element.textContent = name;
        element.removeAttribute("lang");
      }
    } catch {
      // A code that no browser knows keeps the name that it came with.
    }
  }
}

function dated() {
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  for (const element of document.querySelectorAll("time[datetime]")) {
    const text = element.getAttribute("datetime");
    const date = new Date(text);
    if (!Number.isNaN(date.valueOf()) && text.length >= 10) {
      element.textContent = (text.length === 10 ? day : moment).format(date);
      element.title = text;
    }
  }
}

// Countries by their names in this language, the first option staying where it is.
function sorted() {
  const order = new Intl.Collator(language).compare;
  for (const select of document.querySelectorAll("select[name=country]")) {
    const options = [...select.options].slice(1).sort((one, other) => order(one.textContent, other.textContent));
    const chosen = select.value;
    select.append(...options);
    select.value = chosen;
  }
}

// A combobox with a list below it, as the ARIA practices have it.
function suggesting(input) {
  const list = document.createElement("ul");
  const hint = document.createElement("span");
  let asked = 0;
  let timer = 0;
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.hint);
  list.hidden = true;
  hint.id = "suggestions-hint";
  hint.className = "hidden";
  hint.textContent = input.dataset.hint;
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", list.id], ["aria-autocomplete", "list"], ["aria-describedby", hint.id]]) {
    input.setAttribute(name, value);
  }
  input.after(hint, list);

  const chosen = () => list.querySelector("[aria-selected=true]");
  const close = () => {
    asked += 1;
    clearTimeout(timer);
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };
  const take = (option) => {
    input.value = option.dataset.text;
    close();
    input.form.requestSubmit();
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map((one, n) => {
      const option = document.createElement("li");
      const kind = document.createElement("span");
      option.id = `suggestion-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.text = one.text;
      kind.className = "kind";
      kind.textContent = one.count > 1 ? `${one.kind} · ${one.count}` : one.kind;
      option.append(one.text, kind);
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => take(option));
      return option;
    }));
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };
  const whom = () => {
    const value = input.form.elements.for?.value;
    return value ? `&for=${value}` : "";
  };
  const ask = async () => {
    const mine = (asked += 1);
    const words = input.value.trim();
    if (words.length < 2) return close();
    try {
      const answer = await fetch(`/v1/suggest?limit=8${whom()}&q=${encodeURIComponent(words)}`);
      if (!answer.ok || mine !== asked) return;
      const { suggestions } = await answer.json();
      if (mine === asked && document.activeElement === input) show(suggestions);
    } catch {
      close();
    }
  };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    // Enter may end a word that is still being composed.
    if (event.isComposing) return;
    const options = [...list.children];
    const at = options.indexOf(chosen());
    if (event.key === "ArrowDown" && options.length) choose(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp" && options.length) choose(options[(at + options.length) % (options.length + 1)] ?? options.at(-1));
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Enter" && at >= 0) take(options[at]);
    else return;
    event.preventDefault();
  });
}

// Empty fields say nothing, and make addresses long.
function tidied(form) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

named("region", "data-region");
named("language", "data-language");
sorted();
dated();
document.querySelectorAll("[data-suggest]").forEach(suggesting);
document.querySelectorAll("form").forEach(tidied);
if (matchMedia("(max-width: 60rem)").matches) document.querySelector("[data-narrow]")?.removeAttribute("open");
document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof Element && event.target.closest("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("q")?.focus();
  }
});
