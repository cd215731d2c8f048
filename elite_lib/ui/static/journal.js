// The invoice journal: a real <table>, one row an invoice, its sign by shape and colour. Python sends the rows
// once; a line is opened by key. What comes from a workbook is only ever written with textContent.

// Shapes tell the states apart, colours only help.
const SIGNS = {
  sent: [ENVELOPE],
  returned: [SMALL, "M11 11.5l5.5 5.5 M16.5 11.5l-5.5 5.5"],
  uncertain: [ENVELOPE], // dotted by its style
  handed: [SMALL, "M9.5 14.5h8 M14.5 11.5l3 3-3 3"],
  printed: [PRINTER],
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

class InvoiceJournal extends RowTable {
  constructor(model, el) {
    super(model, { columns: COLUMNS, prefix: "jt" });
    el.classList.add("elite-checklist", "elite-journal-table");
    const hint = make("p", { className: "cl-when", id: `${this.id}-h`, textContent: this.say("hint") });
    el.append(this.bar(), hint, this.region(), this.empty);
    this.table.setAttribute("aria-describedby", hint.id);
    this.build();
  }

  haystack({ number, resident, month, amount, label, recipients, sent, received }) {
    return fold([number, resident, month, amount, label, ...recipients, sent, received].join(" "));
  }

  build() {
    const kept = this.active?.row.key;
    this.load();
    this.active = this.byKey.get(kept) ?? null;
    if (this.sorting) this.arrange();
    this.show({ stay: true });
  }

  fill(entry) {
    const { row } = entry;
    const button = make("button", { type: "button", className: "elite-link", textContent: row.number, tabIndex: -1 });
    button.setAttribute("aria-label", this.say("open_row", row));
    if (entry === this.active) button.tabIndex = 0;
    const sign = drawing(SIGNS[row.envelope] ?? []);
    const word = make("div", { className: "cl-word" }, sign, make("span", { textContent: row.label }));
    const also = make("div", { className: "cl-when", textContent: row.also });
    entry.stop = button;
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
    this.match();
    this.lay(stay ? this.table.parentElement.scrollTop : 0);
    this.tell(this.say("count", { shown: this.shown.length, total: this.entries.length }));
  }

  // -- mouse and keyboard ------------------------------------------------------------------------

  onClick(event) {
    const entry = this.entryOf(event);
    if (!entry) return;
    if (event.target === entry.stop) {
      // a second click of a double click writes; Space on the button is a click, too
      if (event.detail < 2) this.model.send({ type: "open", key: entry.row.key });
    } else if (getSelection().isCollapsed) entry.stop.focus({ preventScroll: true });
  }

  onDoubleClick(event) {
    const entry = this.entryOf(event);
    if (entry) this.model.send({ type: "write", key: entry.row.key });
  }

  onKey(event) {
    const entry = this.entryOf(event);
    if (event.key === "Enter" && entry && event.target === entry.stop && !event.repeat) {
      event.preventDefault(); // Space opens the history, as a click does
      this.model.send({ type: "write", key: entry.row.key });
      return;
    }
    super.onKey(event);
  }

  back(key) {
    const entry = this.byKey.get(key);
    if (!this.shown.includes(entry)) return this.search.focus();
    this.reveal(this.shown.indexOf(entry));
    entry.stop.focus();
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
  const view = new InvoiceJournal(model, el);
  return view.follow({
    "msg:custom": (message) => {
      if (message.type === "reach") view.reach(message.where);
      if (message.type === "back") view.back(message.key);
    },
    "change:rows": () => view.build(),
    "change:current": () => view.mark(),
  });
}

export default { render };
