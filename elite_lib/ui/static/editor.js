// Subject and text with a menu of words that are filled in. Python checks what is typed (it knows the words)
// and says what is wrong; the page shows it under the field and takes the reader to the place.

const PAUSE = 250; // ms without a key before Python is asked

function render({ model, el }) {
  const id = `ed${Math.random().toString(36).slice(2, 9)}`;
  const texts = model.get("texts");
  const fields = {};
  let last = "text"; // the field that a word of the menu goes into
  let timer = 0;

  const push = () => {
    clearTimeout(timer);
    for (const name in fields) model.set(name, fields[name].input.value);
    model.save_changes();
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(push, PAUSE);
  };

  function field(name, input) {
    input.id = `${id}-${name}`;
    const error = make("div", { className: "ed-error", id: `${input.id}-error` });
    error.setAttribute("role", "alert");
    input.addEventListener("input", later);
    input.addEventListener("change", push);
    input.addEventListener("focus", () => (last = name));
    fields[name] = { input, error };
    return make("div", { className: "ed-field" },
      make("label", { htmlFor: input.id, textContent: texts[name] }), input, error);
  }

  const words = make("select", { id: `${id}-words` }, make("option", { value: "", textContent: texts.choose }));
  for (const { name, text } of model.get("words"))
    words.append(make("option", { value: name, textContent: `${name} – ${text}` }));
  const insert = make("button", { type: "button", className: "elite-button", textContent: texts.insert, disabled: true });
  words.addEventListener("change", () => (insert.disabled = !words.value));
  insert.addEventListener("click", () => {
    const { input } = fields[last];
    input.focus();
    input.setRangeText(`{{ ${words.value} }}`, input.selectionStart, input.selectionEnd, "end");
    push();
  });
  const menu = make("div", { className: "ed-menu" },
    make("div", { className: "ed-field" }, make("label", { htmlFor: words.id, textContent: texts.words }), words), insert);

  el.classList.add("elite-editor");
  el.append(
    field("subject", make("input", { type: "text", autocomplete: "off" })),
    field("text", make("textarea", { rows: 10 })),
    field("signature", make("textarea", { rows: 3 })),
    menu,
  );

  const paintValues = () => {
    for (const name in fields) {
      const { input } = fields[name];
      if (input.value !== model.get(name) && document.activeElement !== input) input.value = model.get(name);
    }
  };
  for (const name in fields) fields[name].input.value = model.get(name);

  const paintErrors = () => {
    const errors = model.get("errors");
    for (const [name, { input, error }] of Object.entries(fields)) {
      const wrong = errors[name];
      input.setAttribute("aria-invalid", Boolean(wrong));
      if (wrong) input.setAttribute("aria-describedby", error.id);
      else input.removeAttribute("aria-describedby");
      error.replaceChildren();
      if (!wrong) continue;
      error.append(make("p", { textContent: wrong.sentence }));
      if (!wrong.place) continue;
      const [before, there, after] = wrong.place;
      error.append(make("p", { className: "ed-place" }, before, make("mark", { textContent: there }), after));
      const go = make("button", { type: "button", className: "elite-link", textContent: texts.go });
      go.addEventListener("click", () => {
        const at = input.value.indexOf(there);
        input.focus();
        if (at >= 0) input.setSelectionRange(at, at + there.length);
      });
      error.append(go);
    }
  };
  paintErrors();
  const values = ["subject", "text", "signature"];
  for (const name of values) model.on(`change:${name}`, paintValues);
  model.on("change:errors", paintErrors);
  return () => {
    clearTimeout(timer);
    for (const name of values) model.off(`change:${name}`, paintValues);
    model.off("change:errors", paintErrors);
  };
}

export default { render };
