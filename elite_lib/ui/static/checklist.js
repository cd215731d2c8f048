// The checklist of the month: a real <table>. Python's state is the authority (see ui/checklist.py):
// rows come once, each with a stable key; ticks go back as keys; one row changes by a "patch" message.
// What comes from a workbook is only ever written with textContent.

// Shapes tell the states apart, colours only help.
const ICONS = {
  pending: [ENVELOPE],
  accepted: [SMALL, "M10 14.5l2.5 2.5 5-6"],
  bounced: [SMALL, "M17 14.5h-6 M13 12l-2.5 2.5 2.5 2.5"],
  refused: [SMALL, "M11 11.5l5.5 5.5 M16.5 11.5l-5.5 5.5"],
  uncertain: [SMALL, "M11.5 11.8c0-3.2 5-3 5-.3 0 1.8-2.4 1.8-2.4 3.6 M14.1 17.4v.2"],
  deferred: [SMALL, "M14 10a4 4 0 1 0 .01 0 M14 12v2.2l1.5 1"],
  held: ["M10 2.5a7.5 7.5 0 1 0 .01 0 M7.8 7v6 M12.2 7v6"],
  to_print: [PRINTER],
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

class Checklist extends RowTable {
  constructor(model, el) {
    super(model, { columns: COLUMNS, prefix: "cl", wide: COLUMNS.length + 1 });
    this.euros = new Intl.NumberFormat(model.get("locale"), { style: "currency", currency: "EUR" });
    this.anchor = null; // where a Shift-click range begins
    el.classList.add("elite-checklist");
    el.append(this.bar(this.buttons()), this.region(this.corner()), this.empty);
    this.build();
  }

  // -- the frame ---------------------------------------------------------------------------------

  buttons() {
    const button = (name, tick) => {
      const element = make("button", { type: "button", textContent: this.say(name) });
      element.addEventListener("click", () => this.tickShown(tick));
      return element;
    };
    return make("div", { className: "cl-buttons", role: "group", "aria-label": this.say("tick") },
      button("tick_all", () => true),
      button("tick_none", () => false),
      button("tick_unsent", (row) => row.groups.includes("unsent")));
  }

  corner() {
    this.master = make("input", { type: "checkbox", "aria-label": this.say("tick_shown") });
    this.master.addEventListener("change", () => this.tickShown(() => this.master.checked));
    return make("th", { scope: "col", className: "cl-tick" }, this.master);
  }

  // -- rows --------------------------------------------------------------------------------------

  haystack({ number, resident, addresses, attachments, marks, amount, label, reason }) {
    return fold([number, resident, ...addresses, ...attachments, ...marks, amount, label, reason].join(" "));
  }

  build() {
    this.load();
    this.selected = new Set(this.model.get("selected"));
    this.active = this.anchor = this.sorting = null;
    for (const cell of this.head.querySelectorAll("[aria-sort]")) cell.setAttribute("aria-sort", "none");
    this.show();
  }

  fill(entry) {
    const { row } = entry;
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
    const icon = drawing(ICONS[row.state] ?? ICONS.pending);
    const state = make("div", { className: "cl-word" }, icon, make("span", { textContent: row.label }));
    entry.stop = box;
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
      entry.hay = this.haystack(entry.row);
      if (!entry.tr) continue;
      const focused = entry.stop === document.activeElement;
      this.fill(entry);
      if (focused) entry.stop.focus({ preventScroll: true });
    }
    this.refresh();
  }

  show() {
    this.match();
    this.lay();
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

  // -- ticks -------------------------------------------------------------------------------------

  adopt(selected) {
    this.selected = selected;
    for (const { stop, row } of this.entries) if (stop) stop.checked = selected.has(row.key);
    this.refresh();
  }

  tick(entry, on) {
    if (!entry.row.tickable) return;
    if (entry.stop) entry.stop.checked = on;
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
    let cents = 0;
    for (const key of this.selected) cents += this.byKey.get(key)?.row.cents ?? 0;
    this.tell(this.say(this.shown.length === this.entries.length ? "count" : "count_shown", {
      ticked: this.selected.size,
      total: this.entries.length,
      shown: this.shown.length,
      euros: this.euros.format(cents / 100).replaceAll("\u202f", "\u00a0"),
    }));
  }

  // -- mouse and keyboard ------------------------------------------------------------------------

  onFocus(entry) {
    super.onFocus(entry);
    this.point(entry);
  }

  // the line that the preview shows, and that an individual attachment goes with
  point(entry) {
    if (!entry || entry.row.key === this.model.get("current")) return;
    this.model.set("current", entry.row.key);
    // told by a message: a trait waits for the kernel's answer to the one before it, and a file that is
    // dropped at once would come first, and go with the line before this one
    this.model.send({ type: "point", key: entry.row.key });
    this.mark();
  }

  // a line that was sent already: Python asks first, then lets it be ticked
  ask(entry) {
    this.model.send({ type: "ask", key: entry.row.key });
  }

  onClick(event) {
    const entry = this.entryOf(event);
    if (!entry) return;
    if (event.target !== entry.stop) {
      if (getSelection().isCollapsed) entry.stop.focus({ preventScroll: true });
      return;
    }
    if (!entry.row.tickable) {
      event.preventDefault();
      if (entry.row.ask) this.ask(entry);
      return;
    }
    const ends = [this.shown.indexOf(this.anchor), this.shown.indexOf(entry)].sort((a, b) => a - b);
    const range = event.shiftKey && ends[0] >= 0 ? this.shown.slice(ends[0], ends[1] + 1) : [entry];
    const on = entry.stop.checked;
    for (const other of range) this.tick(other, on);
    this.anchor = entry;
    this.push();
  }

  onDoubleClick(event) {
    const entry = this.entryOf(event);
    if (!entry || event.target === entry.stop) return;
    if (entry.row.ask) this.ask(entry);
    if (!entry.row.tickable) return;
    this.tick(entry, !this.selected.has(entry.row.key));
    this.anchor = entry;
    this.push();
  }
}

function render({ model, el }) {
  const view = new Checklist(model, el);
  const onMessage = (message) => {
    if (message.type === "patch") view.patch(message.rows);
    if (message.type === "filter") view.choose(message.value);
    if (message.type === "focus") view.byKey.get(message.key)?.stop?.focus();
  };
  const leave = view.follow({
    "msg:custom": onMessage,
    "change:selected": () => view.adopt(new Set(model.get("selected"))),
    "change:rows": () => view.build(),
    "change:current": () => view.mark(),
  });
  // a patch sent before this view existed is lost: Python sends again what changed since the rows
  model.send({ type: "ready" });
  return leave;
}

export default { render };
