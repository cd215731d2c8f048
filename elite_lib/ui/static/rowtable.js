// A table of many rows with search, filter, sort and arrow keys: the checklist and the invoice journal.
// A widget extends RowTable: it fills a row, says what a row is searched by, and what a key or a click does.

const SECTION = 200; // rows
const SVG = "http://www.w3.org/2000/svg";
const ENVELOPE = "M2.5 5.5h15v9.5h-15z M2.5 6l7.5 5.5 7.5-5.5";
const SMALL = "M1.5 4h12v3.5 M1.5 4v8h6 M1.5 4.5l6 4.5 6-4.5"; // leaves its lower right corner to a sign
const PRINTER = "M5.5 7V2.5h9V7 M5.5 14h-3V7h15v7h-3 M5.5 11.5h9v6h-9z";
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

const fold = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/æ/g, "ae")
    .replace(/[\s’'‐‑-]+/g, " ");

function drawing(paths) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", "aria-hidden": "true", class: "cl-icon" }))
    svg.setAttribute(key, value);
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

// a long address breaks after its @
function address(text) {
  const at = text.indexOf("@") + 1;
  return make("div", {}, text.slice(0, at), make("wbr"), text.slice(at));
}

class RowTable {
  // columns: name, sort (of a row); prefix: of the head cells' classes and of ids; wide: columns of the body
  constructor(model, { columns, prefix, wide = columns.length }) {
    Object.assign(this, { model, columns, prefix, wide });
    this.texts = model.get("texts");
    this.id = `${prefix}${Math.random().toString(36).slice(2, 9)}`;
    this.collator = new Intl.Collator(model.get("locale"), { numeric: true, sensitivity: "base" });
    this.entries = []; // one per row, in the order on screen
    this.byKey = new Map(); // in the order of the rows
    this.shown = []; // the entries that search and filter leave
    this.active = null; // the entry whose stop is in the tab order
  }

  say(name, facts = {}) {
    return (this.texts[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => facts[key] ?? whole);
  }

  // -- the frame ---------------------------------------------------------------------------------

  bar(...buttons) {
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
      ...buttons,
      this.count,
    );
  }

  region(...first) {
    this.head = make("tr", {}, ...first);
    for (const column of this.columns) {
      const button = make("button", { type: "button", textContent: this.say(`column_${column.name}`) });
      const className = `${this.prefix}-${column.name}`;
      const cell = make("th", { scope: "col", className, "aria-sort": "none" }, button);
      button.addEventListener("click", () => this.sort(column, cell));
      this.head.append(cell);
    }
    const caption = make("caption", { textContent: this.model.get("caption") });
    this.table = make("table", {}, caption, make("thead", {}, this.head));
    this.table.addEventListener("click", (event) => this.onClick(event));
    this.table.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.table.addEventListener("focusin", (event) => {
      const entry = this.entryOf(event);
      if (entry) this.onFocus(entry);
    });
    // a double or Shift-click is meant for the row, not for the words under it
    this.table.addEventListener("mousedown", (event) => {
      if (this.entryOf(event) && (event.detail > 1 || event.shiftKey)) event.preventDefault();
    });
    this.empty = make("p", { className: "cl-empty", hidden: true, textContent: this.say("nothing_shown") });
    return make("div", { className: "cl-region" }, this.table);
  }

  // -- rows --------------------------------------------------------------------------------------

  load() {
    this.byKey.clear();
    this.entries = this.model.get("rows").map((row, position) => {
      const entry = { row: { ...row }, position, hay: this.haystack(row), tr: null, stop: null };
      this.byKey.set(row.key, entry);
      return entry;
    });
  }

  match() {
    const words = fold(this.search.value).split(" ").filter(Boolean);
    const group = this.filter.value;
    this.shown = this.entries.filter(
      ({ row, hay }) => (group === "" || row.groups.includes(group)) && words.every((word) => hay.includes(word)),
    );
  }

  tell(text) {
    this.empty.hidden = this.shown.length > 0;
    if (this.count.textContent !== text) this.count.textContent = text;
  }

  // Rows become elements in sections, when they come near: a table of 10,000 takes seconds to lay out.
  lay(scroll = 0) {
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
    // a table on a tab that is not shown has no height yet
    const height = all ? 0 : this.sections[0].offsetHeight / SECTION || 40;
    for (const section of this.sections.slice(near.length)) {
      const space = make("tr", { "aria-hidden": "true" }, make("td", { colSpan: this.wide }));
      space.style.height = `${height * Math.min(SECTION, this.shown.length - section.dataset.from)}px`;
      section.append(space);
      this.observer.observe(section);
    }
    this.table.parentElement.scrollTop = scroll;
    if (!this.shown.includes(this.active)) this.activate(this.shown[0]);
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
    if (this.active?.stop) this.active.stop.tabIndex = -1;
    this.active = entry ?? null;
    if (entry?.stop) entry.stop.tabIndex = 0;
  }

  onFocus(entry) {
    this.activate(entry);
  }

  mark() {
    for (const old of this.table.querySelectorAll("[aria-current]")) old.removeAttribute("aria-current");
    this.byKey.get(this.model.get("current"))?.tr?.setAttribute("aria-current", "true");
  }

  onKey(event) {
    const step = STEPS[event.key];
    if (step === undefined || !this.entryOf(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const target = Math.min(Math.max(this.shown.indexOf(this.active) + step, 0), this.shown.length - 1);
    this.reveal(target);
    this.shown[target].stop.focus();
    this.shown[target].tr.scrollIntoView({ block: "nearest" });
  }

  // Follow the model until the widget goes; ``heard``: what to do on its events, by name.
  follow(heard) {
    for (const [name, does] of Object.entries(heard)) this.model.on(name, does);
    return () => {
      this.observer?.disconnect();
      for (const [name, does] of Object.entries(heard)) this.model.off(name, does);
    };
  }
}
