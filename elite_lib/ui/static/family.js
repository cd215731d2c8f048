// The family of one invoice: a listbox where several are chosen (WAI-ARIA Authoring Practices, "Listbox").
// Names come from a workbook: textContent only.

function render({ model, el }) {
  const id = `fam${Math.random().toString(36).slice(2, 9)}`;
  const label = document.createElement("div");
  Object.assign(label, { id: `${id}-label`, className: "fam-label" });
  const hint = document.createElement("div");
  Object.assign(hint, { id: `${id}-hint`, className: "fam-hint" });
  const list = document.createElement("ul");
  list.className = "fam-list";
  for (const [name, value] of Object.entries({
    role: "listbox", tabindex: "0", "aria-multiselectable": "true", "aria-labelledby": label.id, "aria-describedby": hint.id,
  })) list.setAttribute(name, value);
  el.classList.add("elite-family");
  el.append(label, list, hint);
  let at = 0; // the option that has the keyboard
  let anchor = 0; // where a range begins

  const options = () => [...list.children];
  const chosen = () => new Set(model.get("selected"));

  function keep(keys) {
    const known = model.get("people").map((one) => one.key);
    model.set("selected", known.filter((key) => keys.has(key)));
    model.save_changes();
    mark();
  }

  function mark() {
    const keys = chosen();
    options().forEach((option, number) => {
      option.setAttribute("aria-selected", keys.has(option.dataset.key));
      option.classList.toggle("fam-at", number === at);
    });
    if (options()[at]) list.setAttribute("aria-activedescendant", options()[at].id);
    else list.removeAttribute("aria-activedescendant");
  }

  function paint() {
    label.textContent = model.get("label");
    hint.textContent = model.get("people").length ? model.get("hint") : model.get("empty");
    list.replaceChildren(...model.get("people").map((one, number) => {
      const option = document.createElement("li");
      option.id = `${id}-${number}`;
      option.dataset.key = one.key;
      option.setAttribute("role", "option");
      for (const [name, text] of [["fam-name", one.name], ["fam-address", one.address], ["fam-state", one.state]]) {
        const part = document.createElement("span");
        part.className = name;
        part.textContent = text;
        option.append(part, " ");
      }
      return option;
    }));
    list.hidden = model.get("people").length === 0;
    at = Math.min(at, Math.max(0, options().length - 1));
    mark();
  }

  function range(to) {
    const [from, end] = [anchor, to].sort((a, b) => a - b);
    keep(new Set(options().slice(from, end + 1).map((option) => option.dataset.key)));
  }

  function toggle(number) {
    const keys = chosen();
    const { key } = options()[number].dataset;
    if (!keys.delete(key)) keys.add(key);
    anchor = number;
    keep(keys);
  }

  list.addEventListener("mousedown", (event) => {
    if (event.shiftKey) event.preventDefault(); // a range is chosen, not words
  });
  list.addEventListener("click", (event) => {
    const number = options().indexOf(event.target.closest("li"));
    if (number < 0) return;
    at = number;
    if (event.shiftKey) range(number);
    else if (event.ctrlKey || event.metaKey) toggle(number);
    else {
      anchor = number;
      keep(new Set([options()[number].dataset.key]));
    }
  });
  list.addEventListener("keydown", (event) => {
    const last = options().length - 1;
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      at = to;
      if (event.shiftKey) range(at);
      else mark();
      options()[at]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === " ") {
      event.preventDefault();
      if (options()[at]) toggle(at);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      keep(new Set(options().map((option) => option.dataset.key)));
    }
  });

  paint();
  model.on("change:people", paint);
  model.on("change:selected", mark);
  return () => {
    model.off("change:people", paint);
    model.off("change:selected", mark);
  };
}

export default { render };
