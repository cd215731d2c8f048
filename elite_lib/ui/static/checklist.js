// The checklist of the month: a real <table>. Python's state is the authority (see ui/checklist.py):
// rows come once, each with a stable key; ticks go back as keys; one row changes by a "patch" message.
// What comes from a workbook is only ever written with textContent.

const SECTION = 200; // rows
const SVG = "http://www.w3.org/2000/svg";
const ENVELOPE = "M2.5 5.5h15v9.5h-15z M2.5 6l7.5 5.5 7.5-5.5";
const SMALL = "M1.5 4h12v3.5 M1.5 4v8h6 M1.5 4.5l6 4.5 6-4.5"; // leaves its lower right corner to a sign
// Shapes tell the states apart, colours only help.
const ICONS = {
  pending: [ENVELOPE],
  accepted: [SMALL, "M10 14.5l2.5 2.5 5-6"],
  bounced: [SMALL, "M17 14.5h-6 M13 12l-2.5 2.5 2.5 2.5"],
  refused: [SMALL, "M11 11.5l5.5 5.5 M16.5 11.5l-5.5 5.5"],
  uncertain: [SMALL, "M11.5 11.8c0-3.2 5-3 5-.3 0 1.8-2.4 1.8-2.4 3.6 M14.1 17.4v.2"],
  deferred: [SMALL, "M14 10a4 4 0 1 0 .01 0 M14 12v2.2l1.5 1"],
  held: ["M10 2.5a7.5 7.5 0 1 0 .01 0 M7.8 7v6 M12.2 7v6"],
  to_print: ["M5.5 7V2.5h9V7 M5.5 14h-3V7h15v7h-3 M5.5 11.5h9v6h-9z"],
  posted: ["M3 3.5h14v13H3z M11 6h3.5v3.5H11z M5.5 12.5h6 M5.5 14.5h4"],
  unticked: [ENVELOPE, "M4 17.5l12-15"],
  excluded: ["M10 2.5a7.5 7.5 0 1 0 .01 0 M5 15.5l10-11"],
};
const COLUMNS = [
  { name: "number", sort: (row) => row.number },
  { name: "resident", sort: (row) => row.resident },
  { name: "addresses", sort: (row) => row.addresses.join(" ") },
  { name: "attachments", sort: (row) => row.attachments.join(" ") },
  { name: "amount", sort: (row) => row.cents },
  { name: "state", sort: (row) => `${row.rank} ${row.at}` },
];

const fold = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/æ/g, "ae")
    .replace(/[\s’'‐‑-]+/g, " ");

const haystack = ({ number, resident, addresses, attachments, marks, amount, label, reason }) =>
  fold([number, resident, ...addresses, ...attachments, ...marks, amount, label, reason].join(" "));

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", "aria-hidden": "true", class: "cl-icon" }))
    svg.setAttribute(key, value);
  for (const d of ICONS[name] ?? ICONS.pending) {
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
    this.id = `cl${Math.random().toString(36).slice(2, 9)}`;
    this.collator = new Intl.Collator(model.get("locale"), { numeric: true, sensitivity: "base" });
    this.euros = new Intl.NumberFormat(model.get("locale"), { style: "currency", currency: "EUR" });
    this.entries = []; // one per row, in the order on screen
    this.byKey = new Map(); // in the order of the rows
    this.shown = []; // the entries that search and filter leave
    this.active = null; // the entry whose checkbox is in the tab order
    this.anchor = null; // where a Shift-click range begins
    el.classList.add("elite-checklist");
    el.append(this.bar(), this.region(), this.empty);
    this.build();
  }

  say(name, facts = {}) {
    return (this.texts[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => facts[key] ?? whole);
  }

  // -- the frame ---------------------------------------------------------------------------------

  bar() {
    this.search = make("input", { type: "search", id: `${this.id}-q`, autocomplete: "off", spellcheck: false });
    this.filter = make("select", { id: `${this.id}-f` });
    for (const { value, label } of this.model.get("filters"))
      this.filter.append(make("option", { value, textContent: label }));
    this.search.addEventListener("input", () => this.show());
    this.filter.addEventListener("change", () => this.show());
    const button = (name, tick) => {
      const element = make("button", { type: "button", textContent: this.say(name) });
      element.addEventListener("click", () => this.tickShown(tick));
      return element;
    };
    this.count = make("p", { className: "cl-count", role: "status" });
    return make(
      "div",
      { className: "cl-bar" },
      make("div", { className: "cl-field cl-grow" },
        make("label", { htmlFor: this.search.id, textContent: this.say("search") }), this.search),
      make("div", { className: "cl-field" },
        make("label", { htmlFor: this.filter.id, textContent: this.say("filter") }), this.filter),
      make("div", { className: "cl-buttons", role: "group", "aria-label": this.say("tick") },
        button("tick_all", () => true),
        button("tick_none", () => false),
        button("tick_unsent", (row) => row.groups.includes("unsent"))),
      this.count,
    );
  }

  region() {
    this.master = make("input", { type: "checkbox", "aria-label": this.say("tick_shown") });
    this.master.addEventListener("change", () => this.tickShown(() => this.master.checked));
    this.head = make("tr", {}, make("th", { scope: "col", className: "cl-tick" }, this.master));
    for (const column of COLUMNS) {
      const button = make("button", { type: "button", textContent: this.say(`column_${column.name}`) });
      const cell = make("th", { scope: "col", className: `cl-${column.name}`, "aria-sort": "none" }, button);
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
      if (!entry) return;
      this.activate(entry);
      this.point(entry);
    });
    // a double or Shift-click is meant for the tick, not for the text under it
    this.table.addEventListener("mousedown", (event) => {
      if (this.entryOf(event) && (event.detail > 1 || event.shiftKey)) event.preventDefault();
    });
    this.empty = make("p", { className: "cl-empty", hidden: true, textContent: this.say("nothing_shown") });
    return make("div", { className: "cl-region" }, this.table);
  }

  // -- rows --------------------------------------------------------------------------------------

  build() {
    this.byKey.clear();
    this.entries = this.model.get("rows").map((row, position) => {
      const entry = { row: { ...row }, position, hay: haystack(row), tr: null, box: null };
      this.byKey.set(row.key, entry);
      return entry;
    });
    this.selected = new Set(this.model.get("selected"));
    this.active = this.anchor = this.sorting = null;
    for (const cell of this.head.querySelectorAll("[aria-sort]")) cell.setAttribute("aria-sort", "none");
    this.show();
  }

  fill(entry) {
    const { row } = entry;
    const address = (text) => {
      const at = text.indexOf("@") + 1; // a long address breaks after its @
      return make("div", {}, text.slice(0, at), make("wbr"), text.slice(at));
    };
    const reason = make("div", { className: "cl-reason", id: `${this.id}-${entry.position}`, textContent: row.reason });
    const box = make("input", { type: "checkbox", checked: this.selected.has(row.key), tabIndex: -1 });
    box.setAttribute("aria-label", this.say("tick_row", row));
    // aria-disabled and not disabled: the arrow keys still reach the row, and its reason is read out
    if (!row.tickable && !row.ask) box.setAttribute("aria-disabled", "true");
    if (row.reason) box.setAttribute("aria-describedby", reason.id);
    if (entry === this.active) box.tabIndex = 0;
    if (row.key === this.model.get("current")) entry.tr?.setAttribute("aria-current", "true");
    const marks = row.marks.map((mark) => make("span", { className: "cl-mark", textContent: mark }));
    const weight = make("div", { className: "cl-weight", textContent: row.weight });
    const state = make("div", { className: "cl-word" }, icon(row.state), make("span", { textContent: row.label }));
    entry.box = box;
    entry.tr ??= make("tr");
    entry.tr.className = row.tickable || row.ask ? "" : "cl-off";
    Object.assign(entry.tr.dataset, { key: row.key, state: row.state });
    entry.tr.replaceChildren(
      make("td", { className: "cl-tick" }, box),
      make("th", { scope: "row", className: "cl-number", textContent: row.number }),
      make("td", { className: "cl-resident", textContent: row.resident }),
      make("td", { className: "cl-addresses" }, ...row.addresses.map(address), ...marks),
      make("td", { className: "cl-attachments" }, row.attachments.join(", "), weight),
      make("td", { className: "cl-amount", textContent: row.amount }),
      make("td", { className: "cl-state" }, state, make("div", { className: "cl-when", textContent: row.when }), reason),
    );
  }

  patch(rows) {
    for (const change of rows) {
      const entry = this.byKey.get(change.key);
      if (!entry) continue;
      Object.assign(entry.row, change);
      entry.hay = haystack(entry.row);
      if (!entry.tr) continue;
      const focused = entry.box === document.activeElement;
      this.fill(entry);
      if (focused) entry.box.focus({ preventScroll: true });
    }
    this.refresh();
  }

  show() {
    const words = fold(this.search.value).split(" ").filter(Boolean);
    const group = this.filter.value;
    this.shown = this.entries.filter(
      ({ row, hay }) => (group === "" || row.groups.includes(group)) && words.every((word) => hay.includes(word)),
    );
    this.lay();
    if (!this.shown.includes(this.active)) this.activate(this.shown[0]);
    this.refresh();
  }

  // shows one group of lines, for who comes from the dispatch slip
  choose(group) {
    this.search.value = "";
    this.filter.value = group;
    this.show();
    this.filter.focus({ preventScroll: true });
    this.table.closest(".elite-checklist").scrollIntoView({ block: "start" });
  }

  // Rows become elements in sections, when they come near: a table of 10,000 takes seconds to lay out.
  lay() {
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
    const height = all ? 0 : this.sections[0].offsetHeight / SECTION;
    for (const section of this.sections.slice(near.length)) {
      const space = make("tr", { "aria-hidden": "true" }, make("td", { colSpan: COLUMNS.length + 1 }));
      space.style.height = `${height * Math.min(SECTION, this.shown.length - section.dataset.from)}px`;
      section.append(space);
      this.observer.observe(section);
    }
    this.table.parentElement.scrollTop = 0;
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
    const keys = new Map(this.entries.map((entry) => [entry, column.sort(entry.row)]));
    const compare = column.name === "amount" ? (a, b) => a - b : this.collator.compare;
    this.entries.sort(
      (a, b) => compare(keys.get(a), keys.get(b)) * (ascending ? 1 : -1) || a.position - b.position,
    );
    this.show();
  }

  // -- ticks -------------------------------------------------------------------------------------

  adopt(selected) {
    this.selected = selected;
    for (const { box, row } of this.entries) if (box) box.checked = selected.has(row.key);
    this.refresh();
  }

  tick(entry, on) {
    if (!entry.row.tickable) return;
    if (entry.box) entry.box.checked = on;
    if (on) this.selected.add(entry.row.key);
    else this.selected.delete(entry.row.key);
  }

  tickShown(wanted) {
    for (const entry of this.shown) this.tick(entry, wanted(entry.row));
    this.push();
  }

  push() {
    this.model.set("selected", [...this.byKey.keys()].filter((key) => this.selected.has(key)));
    this.model.save_changes();
    this.refresh();
  }

  refresh() {
    const open = this.shown.filter((entry) => entry.row.tickable);
    const ticked = open.filter((entry) => this.selected.has(entry.row.key)).length;
    this.master.checked = ticked > 0 && ticked === open.length;
    this.master.indeterminate = ticked > 0 && ticked < open.length;
    this.master.disabled = open.length === 0;
    this.empty.hidden = this.shown.length > 0;
    let cents = 0;
    for (const key of this.selected) cents += this.byKey.get(key)?.row.cents ?? 0;
    const text = this.say(this.shown.length === this.entries.length ? "count" : "count_shown", {
      ticked: this.selected.size,
      total: this.entries.length,
      shown: this.shown.length,
      euros: this.euros.format(cents / 100).replaceAll("\u202f", "\u00a0"),
    });
    if (this.count.textContent !== text) this.count.textContent = text;
  }

  // -- mouse and keyboard ------------------------------------------------------------------------

  entryOf(event) {
    return this.byKey.get(event.target.closest("tbody tr")?.dataset.key);
  }

  activate(entry) {
    if (this.active?.box) this.active.box.tabIndex = -1;
    this.active = entry ?? null;
    if (entry) entry.box.tabIndex = 0;
  }

  // the line that the preview shows, and that an individual attachment goes with
  point(entry) {
    if (!entry || entry.row.key === this.model.get("current")) return;
    this.model.set("current", entry.row.key);
    this.model.save_changes();
    this.mark();
  }

  mark() {
    const key = this.model.get("current");
    for (const old of this.table.querySelectorAll("[aria-current]")) old.removeAttribute("aria-current");
    this.byKey.get(key)?.tr?.setAttribute("aria-current", "true");
  }

  // a line that was sent already: Python asks first, then lets it be ticked
  ask(entry) {
    this.model.send({ type: "ask", key: entry.row.key });
  }

  onClick(event) {
    const entry = this.entryOf(event);
    if (!entry) return;
    if (event.target !== entry.box) {
      if (getSelection().isCollapsed) entry.box.focus({ preventScroll: true });
      return;
    }
    if (!entry.row.tickable) {
      event.preventDefault();
      if (entry.row.ask) this.ask(entry);
      return;
    }
    const ends = [this.shown.indexOf(this.anchor), this.shown.indexOf(entry)].sort((a, b) => a - b);
    const range = event.shiftKey && ends[0] >= 0 ? this.shown.slice(ends[0], ends[1] + 1) : [entry];
    const on = entry.box.checked;
    for (const other of range) this.tick(other, on);
    this.anchor = entry;
    this.push();
  }

  onDoubleClick(event) {
    const entry = this.entryOf(event);
    if (!entry || event.target === entry.box) return;
    if (entry.row.ask) this.ask(entry);
    if (!entry.row.tickable) return;
    this.tick(entry, !this.selected.has(entry.row.key));
    this.anchor = entry;
    this.push();
  }

  onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined || !this.entryOf(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const target = Math.min(Math.max(this.shown.indexOf(this.active) + step, 0), this.shown.length - 1);
    this.reveal(target);
    this.shown[target].box.focus();
    this.shown[target].tr.scrollIntoView({ block: "nearest" });
  }
}

function render({ model, el }) {
  const view = new View(model, el);
  const onMessage = (message) => {
    if (message.type === "patch") view.patch(message.rows);
    if (message.type === "filter") view.choose(message.value);
    if (message.type === "focus") view.byKey.get(message.key)?.box?.focus();
  };
  const onSelected = () => view.adopt(new Set(model.get("selected")));
  const onRows = () => view.build();
  const onCurrent = () => view.mark();
  model.on("msg:custom", onMessage);
  model.on("change:selected", onSelected);
  model.on("change:rows", onRows);
  model.on("change:current", onCurrent);
  // a patch sent before this view existed is lost: Python sends again what changed since the rows
  model.send({ type: "ready" });
  return () => {
    view.observer?.disconnect();
    model.off("msg:custom", onMessage);
    model.off("change:selected", onSelected);
    model.off("change:rows", onRows);
    model.off("change:current", onCurrent);
  };
}

export default { render };
