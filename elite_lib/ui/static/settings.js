// A form made of sections and fields (see ui/settings/form.py). Python's state is the authority: it says what the
// fields are, what stands in the file, what is wrong; what is typed stays here until an action takes it along.
// Passwords travel with the action that keeps them, and nowhere else. Texts are only written with textContent.

const TYPES = { line: "text", number: "text", email: "email", colour: "color", secret: "password" };
const TYPED = new WeakMap(); // model -> what was typed, kept while the page shows something else

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

class View {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.texts = model.get("texts");
    this.id = `sf${Math.random().toString(36).slice(2, 9)}`;
    this.typed = TYPED.get(model) ?? { values: new Map(), secrets: new Map() };
    TYPED.set(model, this.typed);
    this.fields = new Map(); // key -> {set, get, element, wrap, error}
    this.places = new Map();
    this.buttons = new Map();
    this.chosen = new Map(); // name of a choice within a place -> what a person chose there
    this.urls = [];
    this.blocks = model.get("blocks"); // what Python has said so far, place by place
    el.classList.add("elite-settings");
    this.form = make("form", { noValidate: true, autocomplete: "off" });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault(); // Enter in a field is the main action, never a request of the browser's
      const main = [...this.buttons.values()].find(({ action }) => action.main && action.submits);
      if (main && !main.element.disabled) this.act(main.action, main.element);
    });
    el.append(this.form);
    this.build();
  }

  say(name, facts = {}) {
    return (this.texts[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => facts[key] ?? whole);
  }

  build() {
    this.form.replaceChildren();
    this.fields.clear();
    this.places.clear();
    this.buttons.clear();
    const sections = this.model.get("sections");
    if (sections.length > 3) this.form.append(this.contents(sections));
    for (const section of sections) this.form.append(this.section(section));
    this.drawBar();
    this.fill(true);
    for (const [name, blocks] of Object.entries(this.model.get("blocks"))) this.show(name, blocks, false);
    this.tell(this.model.get("errors"), false);
  }

  drawBar() {
    this.bar?.remove();
    for (const [name, { action }] of this.buttons) if (action.bar) this.buttons.delete(name);
    const actions = this.model.get("actions").map((action) => ({ ...action, bar: true }));
    this.bar = make("div", { className: "sf-bar" });
    if (!actions.length) return;
    this.count = actions.some((action) => action.changes) ? make("p", { className: "sf-count", role: "status" }) : null;
    this.bar.append(this.place({ place: "bar" }), this.count ?? "", ...actions.map((action) => this.button(action)));
    this.form.append(this.bar);
  }

  contents(sections) {
    const list = make("ul");
    for (const section of sections) {
      const button = make("button", { type: "button", textContent: section.title });
      button.addEventListener("click", () => this.reveal(document.getElementById(`${this.id}-${section.id}`)));
      list.append(make("li", {}, button));
    }
    return make("nav", { className: "sf-contents", "aria-label": this.say("contents") }, list);
  }

  reveal(element) {
    const fold = element.closest("details") ?? element.querySelector?.("details");
    if (fold) fold.open = true;
    element.scrollIntoView({ block: "start" });
    const target = element.matches("input, select, textarea, button") ? element : element.querySelector("h2");
    target?.focus({ preventScroll: element !== target });
  }

  section(section) {
    const title = make("h2", { textContent: section.title, id: `${this.id}-${section.id}-t`, tabIndex: -1 });
    const body = section.items.map((item) => this.item(item));
    const intro = section.intro ? make("p", { className: "sf-intro", textContent: section.intro }) : null;
    const items = make("div", { className: "sf-items" }, ...body);
    const inner = section.folded
      ? make("details", {}, make("summary", { textContent: this.say("show") }), items)
      : items;
    return make("section",
      { className: "elite-card sf-section", id: `${this.id}-${section.id}`, "aria-labelledby": title.id },
      title, intro, inner);
  }

  item(item) {
    if (item.kind === "actions")
      return make("div", { className: "sf-actions" }, ...item.actions.map((action) => this.button(action)));
    if (item.kind === "said") return make("p", { className: "sf-help sf-wide", textContent: item.text });
    if (item.kind === "place") return this.place(item);
    if (item.kind === "rows") return this.rows(item);
    if (item.kind === "file") return this.file(item);
    if (item.kind === "words") return this.words(item);
    return this.field(item);
  }

  // -- fields ------------------------------------------------------------------------------------

  field(item) {
    const id = `${this.id}-${item.key.replace(/\W/g, "-")}`;
    const help = item.help ? make("p", { className: "sf-help", id: `${id}-h`, textContent: item.help }) : null;
    const error = make("p", { className: "sf-error", id: `${id}-e` });
    error.hidden = true;
    const described = [help?.id, error.id].filter(Boolean).join(" ");
    const common = { id, "aria-describedby": described, disabled: Boolean(item.disabled) };
    let control;
    if (item.kind === "flag") control = make("input", { ...common, type: "checkbox" });
    else if (item.kind === "choice") {
      control = make("select", common);
      for (const { value, label } of item.choices) control.append(make("option", { value, textContent: label }));
    } else if (item.kind === "text" || item.kind === "lines")
      control = make("textarea", { ...common, rows: item.rows ?? (item.kind === "lines" ? 3 : 8), spellcheck: !item.code });
    else control = make("input", { ...common, type: TYPES[item.kind] ?? "text", spellcheck: false });
    if (item.kind === "number") control.inputMode = "decimal";
    if (item.code) control.classList.add("sf-code");
    control.autocomplete = item.kind === "secret" ? "new-password" : "off";
    const label = make("label", { htmlFor: id, textContent: item.label });
    const wrap = make("div",
      { className: `sf-field sf-${item.kind}${item.wide ? " sf-wide" : ""}`, "data-key": item.key },
      ...(item.kind === "flag" ? [control, label] : [label, control]), help,
      item.kind === "secret" ? this.place({ place: item.key }) : null, error); // whether one is kept, never which
    const flag = item.kind === "flag";
    this.fields.set(item.key, {
      item, wrap, error, element: control,
      get: () => (flag ? control.checked : control.value),
      set: (value) => {
        if (flag) control.checked = Boolean(value);
        else control.value = value ?? "";
      },
    });
    control.addEventListener(flag || item.kind === "choice" ? "change" : "input", () => this.changed(item.key));
    if (item.fills) control.addEventListener("change", () => this.fillFrom(item, control.value));
    return wrap;
  }

  fillFrom(item, value) {
    // a provider was chosen: its server, port and caps are written into their fields, where they can be changed
    const chosen = item.fills[value];
    if (!chosen) return;
    for (const [key, text] of Object.entries(chosen.values)) {
      if (!this.fields.has(key)) this.typed.values.set(key, text); // saved along, shown elsewhere
      this.fields.get(key)?.set(text);
      this.changed(key);
    }
    this.show(item.place, chosen.said ? [{ kind: "notice", tone: "info", text: chosen.said }] : [], false);
  }

  rows(item) {
    const body = make("div", { className: "sf-rows" });
    const error = make("p", { className: "sf-error", id: `${this.id}-${item.key.replace(/\W/g, "-")}-e` });
    error.hidden = true;
    const read = () =>
      [...body.children].map((row) =>
        Object.fromEntries([...row.querySelectorAll("[data-column]")].map((one) => [one.dataset.column, one.value])));
    const renumber = () =>
      [...body.children].forEach((row, index) => {
        for (const one of row.querySelectorAll("[data-name]"))
          one.setAttribute("aria-label", this.say("in_row", { name: one.dataset.name, n: index + 1 }));
      });
    const add = (values) => {
      const row = make("div", { className: "sf-row" });
      for (const column of item.columns) {
        const control = column.choices ? make("select") : make("input", { type: "text", spellcheck: false });
        for (const { value, label } of column.choices ?? []) control.append(make("option", { value, textContent: label }));
        control.dataset.column = column.name;
        control.dataset.name = column.label;
        control.value = values[column.name] ?? column.choices?.[0].value ?? "";
        control.setAttribute("aria-describedby", error.id);
        control.addEventListener("input", () => this.changed(item.key));
        row.append(make("span", { className: "sf-cell" }, make("span", { className: "sf-column", "aria-hidden": "true",
          textContent: column.label }), control));
      }
      const away = make("button", { type: "button", className: "elite-button", textContent: this.say("remove") });
      away.dataset.name = this.say("remove");
      away.addEventListener("click", () => {
        row.remove();
        renumber();
        this.changed(item.key);
        more.focus();
      });
      row.append(away);
      body.append(row);
      renumber();
      return row;
    };
    const more = make("button", { type: "button", className: "elite-button", textContent: item.add });
    more.addEventListener("click", () => {
      add({}).querySelector("input, select").focus();
      this.changed(item.key);
    });
    const wrap = make("fieldset", { className: "sf-field sf-wide sf-table", "data-key": item.key },
      make("legend", { textContent: item.label }),
      item.help ? make("p", { className: "sf-help", textContent: item.help }) : null, body, error, more);
    this.fields.set(item.key, {
      item, wrap, error, element: more, get: read,
      set: (values) => {
        body.replaceChildren();
        for (const one of values ?? []) add(one);
      },
    });
    return wrap;
  }

  file(item) {
    const id = `${this.id}-${item.key.replace(/\W/g, "-")}-file`;
    const help = make("p", { className: "sf-help", id: `${id}-h`, textContent: item.help ?? "" });
    const control = make("input", { type: "file", id, accept: item.accept, "aria-describedby": help.id });
    control.addEventListener("change", async () => {
      const [file] = control.files;
      if (!file) return;
      if (file.size > item.most) {
        this.show(item.place, [{ kind: "notice", tone: "error", text: this.say("too_big", { name: file.name }) }], false);
        return;
      }
      const content = await file.arrayBuffer();
      this.model.send({ type: "file", key: item.key, name: file.name }, undefined, [content]);
      control.value = "";
    });
    return make("div", { className: "sf-field sf-file" },
      make("label", { htmlFor: id, textContent: item.label }), control, help);
  }

  words(item) {
    const list = make("dl");
    for (const [word, text] of item.words)
      list.append(make("div", {}, make("dt", {}, make("code", { textContent: word })), make("dd", { textContent: text })));
    return make("details", { className: "sf-words sf-wide" }, make("summary", { textContent: item.label }), list);
  }

  // -- what is typed -----------------------------------------------------------------------------

  fill(first = false) {
    const known = this.model.get("values");
    for (const [key, field] of this.fields) {
      const kept = field.item.kind === "secret" ? this.typed.secrets : this.typed.values;
      field.set(kept.has(key) ? kept.get(key) : known[key]);
    }
    if (!first) this.tell({}, false);
    this.counted();
  }

  changed(key) {
    const field = this.fields.get(key);
    if (!field) return;
    const now = field.get();
    if (field.item.kind === "secret") {
      if (now) this.typed.secrets.set(key, now);
      else this.typed.secrets.delete(key);
    } else if (JSON.stringify(now) === JSON.stringify(this.model.get("values")[key])) this.typed.values.delete(key);
    else this.typed.values.set(key, now);
    this.mark(key, "");
    this.counted();
  }

  counted() {
    const changes = this.typed.values.size + this.typed.secrets.size;
    if (this.count) {
      this.count.textContent = this.say(changes === 0 ? "none" : changes === 1 ? "one" : "many", { n: changes });
      this.bar.classList.toggle("sf-dirty", changes > 0);
    }
    for (const { action, element } of this.buttons.values())
      if (action.changes) element.disabled = changes === 0;
  }

  get dirty() {
    return this.typed.values.size + this.typed.secrets.size + this.chosen.size > 0;
  }

  button(action) {
    const element = make("button", {
      type: action.submits ? "submit" : "button", className: `elite-button${action.main ? " elite-main" : ""}`,
      textContent: action.label,
    });
    this.buttons.set(action.name, { action, element });
    if (!action.submits) element.addEventListener("click", () => this.act(action, element));
    return element;
  }

  act(action, element) {
    if (action.name === "undo") {
      this.typed.values.clear();
      this.typed.secrets.clear();
      this.fill();
      return;
    }
    if (action.once) element.disabled = true;
    this.model.send({
      type: "act",
      name: action.name,
      values: Object.fromEntries(this.typed.values),
      secrets: Object.fromEntries(this.typed.secrets),
      choices: Object.fromEntries(
        [...this.form.querySelectorAll("select[data-choice]")].map((one) => [one.dataset.choice, one.value])),
    });
  }

  // -- what Python says --------------------------------------------------------------------------

  mark(key, text) {
    const field = this.fields.get(key);
    if (!field) return;
    field.error.textContent = text;
    field.error.hidden = !text;
    field.wrap.classList.toggle("sf-wrong", Boolean(text));
    if (text) field.element.setAttribute("aria-invalid", "true");
    else field.element.removeAttribute("aria-invalid");
  }

  tell(errors, focus = true) {
    for (const key of this.fields.keys()) this.mark(key, errors[key] ?? "");
    const first = [...this.fields.keys()].find((key) => errors[key]);
    if (first && focus) this.reveal(this.fields.get(first).element);
  }

  place(item) {
    const element = make("div", { className: "sf-place", role: "status", "aria-live": "polite", tabIndex: -1 });
    element.hidden = true;
    if (this.places.has(item.place)) return this.places.get(item.place);
    this.places.set(item.place, element);
    return element;
  }

  show(name, blocks, append) {
    const place = this.places.get(name);
    if (!place) return;
    const held = !append && place.contains(document.activeElement);
    if (!append) {
      for (const one of place.querySelectorAll("select[data-choice]")) this.chosen.delete(one.dataset.choice);
      place.replaceChildren();
    }
    place.append(...blocks.map((block) => this.block(block)));
    place.hidden = place.children.length === 0;
    if (held && !place.hidden) place.focus({ preventScroll: true }); // the button that was pressed is gone
  }

  table(block) {
    const cell = (one, index) => {
      const made = make(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : {});
      if (typeof one === "string") made.textContent = one;
      else if (one.choices) made.append(this.choice(one));
      else made.append(make("span", { className: "sf-mark", "aria-hidden": "true", textContent: one.mark }), " ", one.text);
      if (one.tone) made.dataset.tone = one.tone;
      return made;
    };
    const head = make("tr", {}, ...block.head.map((text) => make("th", { scope: "col", textContent: text })));
    const rows = block.rows.map((row) => make("tr", {}, ...row.map(cell)));
    // wider than a narrow window: it scrolls by itself, by keyboard too
    return make("div", { className: "sf-scroll", role: "region", tabIndex: 0, "aria-label": block.caption },
      make("table", { className: "sf-listing" }, make("caption", { textContent: block.caption }),
        make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  choice({ name, label, choices, value }) {
    const control = make("select", { "aria-label": label });
    control.dataset.choice = name;
    for (const one of choices) control.append(make("option", { value: one.value, textContent: one.label }));
    control.value = value;
    control.addEventListener("change", () => {
      if (control.value === value) this.chosen.delete(name);
      else this.chosen.set(name, control.value);
    });
    return control;
  }

  block(block) {
    if (block.kind === "table") return this.table(block);
    if (block.kind === "actions") return this.item(block);
    if (block.kind === "title") return make("h3", { textContent: block.text });
    if (block.kind === "step")
      return make("p", { className: "sf-step", "data-verdict": block.verdict },
        make("span", { className: "sf-mark", role: "img", "aria-label": block.word, textContent: block.mark }),
        make("span", {}, make("strong", { textContent: block.where }), " ", block.text));
    if (block.kind === "code")
      return make("p", { className: "sf-device" }, block.text, " ",
        make("a", { href: block.address, target: "_blank", rel: "noopener noreferrer", textContent: block.address }), " ",
        make("code", { textContent: block.code }));
    if (block.kind === "said") return make("p", { className: "sf-help", textContent: block.text });
    if (block.kind === "list")
      return make("ul", { className: "sf-list" }, ...block.lines.map((line) =>
        make("li", { "data-tone": line.tone },
          make("span", { className: "sf-mark", "aria-hidden": "true", textContent: line.mark }), line.text)));
    const lines = block.text.split("\n").flatMap((line, index) => (index ? [make("br"), line] : [line]));
    return make("p", { className: `elite-notice elite-${block.tone}`, role: block.tone === "error" ? "alert" : null }, ...lines);
  }

  picture({ place, label, media }, buffers) {
    const target = this.places.get(place);
    if (!target) return;
    target.querySelectorAll("img").forEach((image) => image.remove());
    for (const buffer of buffers) {
      const url = URL.createObjectURL(new Blob([buffer], { type: media }));
      this.urls.push(url);
      target.append(make("img", { src: url, alt: label }));
    }
    target.hidden = target.children.length === 0;
  }

  hear(content, buffers) {
    if (content.type === "errors") this.tell(content.errors);
    else if (content.type === "show") this.show(content.place, content.blocks, content.append);
    else if (content.type === "picture") this.picture(content, buffers);
    else if (content.type === "done") {
      const known = this.buttons.get(content.name);
      if (known) known.element.disabled = false;
      this.counted();
    } else if (content.type === "saved") {
      this.typed.values.clear();
      this.typed.secrets.clear();
      this.fill();
    } else if (content.type === "set") {
      for (const [key, value] of Object.entries(content.values)) {
        this.fields.get(key)?.set(value);
        this.changed(key);
      }
    } else if (content.type === "focus") this.form.querySelector("h2")?.focus();
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    const refill = () => view.fill();
    const rebuild = () => view.build();
    const redraw = () => {
      view.drawBar();
      view.counted();
    };
    const hear = (content, buffers) => view.hear(content, buffers);
    const leave = (event) => {
      if (view.dirty) event.preventDefault(); // what was typed is not lost by a slip of the hand
    };
    model.on("change:values", refill);
    model.on("change:sections", rebuild);
    model.on("change:actions", redraw);
    model.on("msg:custom", hear);
    window.addEventListener("beforeunload", leave);
    model.send({ type: "ready" });
    return () => {
      window.removeEventListener("beforeunload", leave);
      model.off("change:values", refill);
      model.off("change:sections", rebuild);
      model.off("change:actions", redraw);
      model.off("msg:custom", hear);
      view.urls.forEach((url) => URL.revokeObjectURL(url));
    };
  },
};
