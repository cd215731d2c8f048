// The invoice journal: a real <table>, one row an invoice, its sign by shape and colour. Python sends the rows
// once; a line is opened by key. What comes from a workbook is only ever written with textContent.

const SECTION = 200; // rows
const SVG = "http://www.w3.org/2000/svg";
const ENVELOPE = "M2.5 5.5h15v9.5h-15z M2.5 6l7.5 5.5 7.5-5.5";
const SMALL = "M1.5 4h12v3.5 M1.5 4v8h6 M1.5 4.5l6 4.5 6-4.5"; // leaves its lower right corner to a sign
// Shapes tell the states apart, colours only help.
const SIGNS = {
  sent: [ENVELOPE],
  returned: [SMALL, "M11 11.5l5.5 5.5 M16.5 11.5l-5.5 5.5"],
  uncertain: [ENVELOPE], // dotted by its style
  handed: [SMALL, "M9.5 14.5h8 M14.5 11.5l3 3-3 3"],
  printed: ["M5.5 7V2.5h9V7 M5.5 14h-3V7h15v7h-3 M5.5 11.5h9v6h-9z"],
  none: [],
};
const COLUMNS = [
  { name: "envelope", sort: (row) => `${row.rank} ${row.sent_at}` },
  { name: "number", sort: (row) => row.number },
  { name: "resident", sort: (row) => row.resident },
  { name: "month", sort: (row) => row.month_key },
  { name: "amount", sort: (row) => row.cents },
  { name: "sent", sort: (row) => row.sent_at },
  { name: "recipients", sort: (row) => row.recipients.join(" ") },
  { name: "received", sort: (row) => row.received_at },
];

const fold = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/æ/g, "ae")
    .replace(/[\s’'‐‑-]+/g, " ");

const haystack = ({ number, resident, month, amount, label, recipients, sent, received }) =>
  fold([number, resident, month, amount, label, ...recipients, sent, received].join(" "));

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function sign(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", "aria-hidden": "true", class: "cl-icon" }))
    svg.setAttribute(key, value);
  for (const d of SIGNS[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

class View {
  constructor(model, el) {
    this.model = model;
    this.texts = model.get("texts");
    this.id = `jt${Math.random().toString(36).slice(2, 9)}`;
    this.collator = new Intl.Collator(model.get("locale"), { numeric: true, sensitivity: "base" });
    this.entries = [];
    this.byKey = new Map();
    this.shown = [];
    this.active = null; // the entry whose button is in the tab order
    el.classList.add("elite-checklist", "elite-journal-table");
    this.hint = make("p", { className: "cl-when", id: `${this.id}-h`, textContent: this.say("hint") });
    el.append(this.bar(), this.hint, this.region(), this.empty);
    this.build();
  }

  say(name, facts = {}) {
    return (this.texts[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => facts[key] ?? whole);
  }

  bar() {
    this.search = make("input", { type: "search", id: `${this.id}-q`, autocomplete: "off", spellcheck: false });
    this.filter = make("select", { id: `${this.id}-f` });
    for (const { value, label } of this.model.get("filters"))
      this.filter.append(make("option", { value, textContent: label }));
    this.search.addEventListener("input", () => this.show());
    this.filter.addEventListener("change", () => this.show());
    this.count = make("p", { className: "cl-count", role: "status" });
    return make(
      "div",
      { className: "cl-bar" },
      make("div", { className: "cl-field cl-grow" },
        make("label", { htmlFor: this.search.id, textContent: this.say("search") }), this.search),
      make("div", { className: "cl-field" },
        make("label", { htmlFor: this.filter.id, textContent: this.say("filter") }), this.filter),
      this.count,
    );
  }

  region() {
    this.head = make("tr");
    for (const column of COLUMNS) {
      const button = make("button", { type: "button", textContent: this.say(`column_${column.name}`) });
      const cell = make("th", { scope: "col", className: `jt-${column.name}`, "aria-sort": "none" }, button);
      button.addEventListener("click", () => this.sort(column, cell));
      this.head.append(cell);
    }
    const caption = make("caption", { textContent: this.model.get("caption") });
    this.table = make("table", { "aria-describedby": this.hint.id }, caption, make("thead", {}, this.head));
    this.table.addEventListener("click", (event) => this.onClick(event));
    this.table.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.table.addEventListener("focusin", (event) => this.activate(this.entryOf(event) ?? this.active));
    this.table.addEventListener("mousedown", (event) => {
      if (this.entryOf(event) && event.detail > 1) event.preventDefault(); // opens, does not select words
    });
    this.empty = make("p", { className: "cl-empty", hidden: true, textContent: this.say("nothing_shown") });
    return make("div", { className: "cl-region" }, this.table);
  }

  build() {
    const kept = this.active?.row.key;
    this.byKey.clear();
    this.entries = this.model.get("rows").map((row, position) => {
      const entry = { row, position, hay: haystack(row), tr: null, button: null };
      this.byKey.set(row.key, entry);
      return entry;
    });
    this.active = this.byKey.get(kept) ?? null;
    if (this.sorting) this.arrange();
    this.show({ stay: true });
  }

  fill(entry) {
    const { row } = entry;
    const address = (text) => {
      const at = text.indexOf("@") + 1; // a long address breaks after its @
      return make("div", {}, text.slice(0, at), make("wbr"), text.slice(at));
    };
    const button = make("button", { type: "button", className: "elite-link", textContent: row.number, tabIndex: -1 });
    button.setAttribute("aria-label", this.say("open_row", row));
    if (entry === this.active) button.tabIndex = 0;
    const word = make("div", { className: "cl-word" }, sign(row.envelope), make("span", { textContent: row.label }));
    const also = make("div", { className: "cl-when", textContent: row.also });
    entry.button = button;
    entry.tr = make("tr", {},
      make("td", { className: "jt-envelope" }, word, also),
      make("th", { scope: "row", className: "cl-number" }, button),
      make("td", { className: "cl-resident", textContent: row.resident }),
      make("td", { textContent: row.month }),
      make("td", { className: "cl-amount", textContent: row.amount }),
      make("td", { textContent: row.sent }),
      make("td", {}, ...row.recipients.map(address)),
      make("td", { textContent: row.received }),
    );
    Object.assign(entry.tr.dataset, { key: row.key, envelope: row.envelope });
    if (row.key === this.model.get("current")) entry.tr.setAttribute("aria-current", "true");
  }

  show({ stay = false } = {}) {
    const words = fold(this.search.value).split(" ").filter(Boolean);
    const group = this.filter.value;
    this.shown = this.entries.filter(
      ({ row, hay }) => (group === "" || row.groups.includes(group)) && words.every((word) => hay.includes(word)),
    );
    this.lay(stay ? this.table.parentElement.scrollTop : 0);
    if (!this.shown.includes(this.active)) this.activate(this.shown[0]);
    this.empty.hidden = this.shown.length > 0;
    const text = this.say("count", { shown: this.shown.length, total: this.entries.length });
    if (this.count.textContent !== text) this.count.textContent = text;
  }

  // Rows become elements in sections, when they come near: a table of thousands takes seconds to lay out.
  lay(scroll) {
    this.observer?.disconnect();
    const all = this.shown.length <= 2 * SECTION;
    this.observer = new IntersectionObserver(
      (seen) => seen.filter((one) => one.isIntersecting).forEach((one) => this.reveal(+one.target.dataset.from)),
      { root: this.table.parentElement, rootMargin: "1500px" },
    );
    this.sections = [];
    for (let from = 0; from < this.shown.length; from += SECTION) {
      const section = make("tbody");
      section.dataset.from = from;
      this.sections.push(section);
    }
    for (const old of [...this.table.tBodies]) old.remove();
    this.table.append(...this.sections);
    this.table.setAttribute("aria-rowcount", this.shown.length + 1);
    const near = all ? this.sections : this.sections.slice(0, 1);
    for (const section of near) this.reveal(+section.dataset.from);
    const height = all ? 0 : this.sections[0].offsetHeight / SECTION || 40;
    for (const section of this.sections.slice(near.length)) {
      const space = make("tr", { "aria-hidden": "true" }, make("td", { colSpan: COLUMNS.length }));
      space.style.height = `${height * Math.min(SECTION, this.shown.length - section.dataset.from)}px`;
      section.append(space);
      this.observer.observe(section);
    }
    this.table.parentElement.scrollTop = scroll;
  }

  reveal(position) {
    const section = this.sections[Math.floor(position / SECTION)];
    if (section.dataset.filled) return;
    section.dataset.filled = "yes";
    this.observer.unobserve(section);
    const from = +section.dataset.from;
    const entries = this.shown.slice(from, from + SECTION);
    entries.forEach((entry, offset) => {
      if (!entry.tr) this.fill(entry);
      entry.tr.setAttribute("aria-rowindex", from + offset + 2);
    });
    section.replaceChildren(...entries.map((entry) => entry.tr));
  }

  sort(column, cell) {
    const ascending = !(this.sorting?.column === column && this.sorting.ascending);
    this.sorting = { column, ascending };
    for (const other of this.head.querySelectorAll("[aria-sort]")) other.setAttribute("aria-sort", "none");
    cell.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    this.arrange();
    this.show();
  }

  arrange() {
    const { column, ascending } = this.sorting;
    const keys = new Map(this.entries.map((entry) => [entry, column.sort(entry.row)]));
    const compare = column.name === "amount" ? (a, b) => a - b : this.collator.compare;
    this.entries.sort(
      (a, b) => compare(keys.get(a), keys.get(b)) * (ascending ? 1 : -1) || a.position - b.position,
    );
  }

  // -- mouse and keyboard ------------------------------------------------------------------------

  entryOf(event) {
    return this.byKey.get(event.target.closest("tbody tr")?.dataset.key);
  }

  activate(entry) {
    if (this.active?.button) this.active.button.tabIndex = -1;
    this.active = entry ?? null;
    if (entry?.button) entry.button.tabIndex = 0;
  }

  mark() {
    for (const old of this.table.querySelectorAll("[aria-current]")) old.removeAttribute("aria-current");
    this.byKey.get(this.model.get("current"))?.tr?.setAttribute("aria-current", "true");
  }

  onClick(event) {
    const entry = this.entryOf(event);
    if (!entry) return;
    if (event.target === entry.button) {
      // a second click of a double click writes; Space on the button is a click, too
      if (event.detail < 2) this.model.send({ type: "open", key: entry.row.key });
    } else if (getSelection().isCollapsed) entry.button.focus({ preventScroll: true });
  }

  onDoubleClick(event) {
    const entry = this.entryOf(event);
    if (entry) this.model.send({ type: "write", key: entry.row.key });
  }

  onKey(event) {
    const entry = this.entryOf(event);
    if (event.key === "Enter" && entry && event.target === entry.button && !event.repeat) {
      event.preventDefault(); // Space opens the history, as a click does
      this.model.send({ type: "write", key: entry.row.key });
      return;
    }
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined || !entry || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const target = Math.min(Math.max(this.shown.indexOf(this.active) + step, 0), this.shown.length - 1);
    this.reveal(target);
    this.shown[target].button.focus();
    this.shown[target].tr.scrollIntoView({ block: "nearest" });
  }

  back(key) {
    const entry = this.byKey.get(key);
    if (!this.shown.includes(entry)) return this.search.focus();
    this.reveal(this.shown.indexOf(entry));
    entry.button.focus();
  }

  // The panel that a line opened is a widget elsewhere: it may come a little later.
  async reach(where) {
    for (let tries = 0; tries < 120; tries += 1) {
      const found = [...document.querySelectorAll(where)].find((one) => one.offsetParent && !one.disabled);
      if (found) {
        found.focus();
        found.closest(".elite-card")?.scrollIntoView({ block: "start" });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

function render({ model, el }) {
  const view = new View(model, el);
  const onMessage = (message) => {
    if (message.type === "reach") view.reach(message.where);
    if (message.type === "back") view.back(message.key);
  };
  const onRows = () => view.build();
  const onCurrent = () => view.mark();
  model.on("msg:custom", onMessage);
  model.on("change:rows", onRows);
  model.on("change:current", onCurrent);
  return () => {
    view.observer?.disconnect();
    model.off("msg:custom", onMessage);
    model.off("change:rows", onRows);
    model.off("change:current", onCurrent);
  };
}

export default { render };
