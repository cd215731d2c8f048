// The dispatch slip: boxes, counts and euros that add up. A box opens its lines; lines that wait for a person
// have their actions. What could send a second time is asked twice.

function render({ model, el }) {
  const id = `sl${Math.random().toString(36).slice(2, 9)}`;
  const texts = model.get("texts");
  const typed = {};
  let asking = ""; // the action that waits for its second press
  el.classList.add("elite-slipbox");

  function act(line, action, value = "") {
    const mark = `${line.key} ${action.name}`;
    if (action.confirm && asking !== mark) {
      asking = mark;
      paint();
      el.querySelector("[data-sure]")?.focus();
      return;
    }
    asking = "";
    model.send({ type: "act", key: line.key, action: action.name, value });
    paint();
  }

  // an address to be typed, and the button that takes it
  function entry(line, action) {
    const field = make("input", { type: "email", id: `${id}-${line.key}-to`, autocomplete: "off", value: typed[line.key] ?? "" });
    field.dataset.focus = `${line.key} to`;
    field.addEventListener("input", () => (typed[line.key] = field.value));
    const button = make("button", { type: "button", className: "elite-button", textContent: action.label });
    button.dataset.focus = `${line.key} send-to`;
    const go = () => field.value.trim() && act(line, action, field.value.trim());
    button.addEventListener("click", go);
    field.addEventListener("keydown", (event) => event.key === "Enter" && go());
    const label = make("label", { htmlFor: field.id, textContent: `${action.input} – ${line.number} ${line.resident}` });
    return [make("div", { className: "ed-field" }, label, field), button];
  }

  function actions(line) {
    const row = make("div", { className: "sl-actions" });
    const waiting = line.actions.find((action) => asking === `${line.key} ${action.name}`);
    if (waiting) {
      const sure = make("button", { type: "button", className: "elite-button elite-main", textContent: waiting.yes, "data-sure": "" });
      sure.addEventListener("click", () => act(line, waiting));
      const no = make("button", { type: "button", className: "elite-button", textContent: texts.cancel });
      no.addEventListener("click", () => {
        asking = "";
        paint();
      });
      row.append(make("p", { textContent: waiting.confirm }), sure, no);
      return row;
    }
    for (const action of line.actions) {
      if (action.input) {
        row.append(...entry(line, action));
        continue;
      }
      const button = make("button", { type: "button", className: "elite-button", textContent: action.label });
      button.setAttribute("aria-label", `${action.label} – ${line.number} ${line.resident}`);
      button.dataset.focus = `${line.key} ${action.name}`;
      button.addEventListener("click", () => act(line, action));
      row.append(button);
    }
    return row;
  }

  function lines(box) {
    const opened = model.get("opened")[box.name];
    const list = make("ul", { className: "sl-lines" });
    for (const line of opened?.lines ?? []) {
      list.append(
        make("li", {},
          make("div", { className: "sl-line" },
            make("span", { className: "sl-number", textContent: line.number }),
            make("strong", { textContent: line.resident }),
            make("span", { className: "sl-amount", textContent: line.amount }),
            make("span", { className: "sl-note", textContent: line.note })),
          line.actions.length ? actions(line) : ""),
      );
    }
    const foot = make("p", { className: "sl-foot", textContent: opened?.more ?? "" });
    if (box.filter !== null) {
      const show = make("button", { type: "button", className: "elite-link", textContent: texts.show });
      show.dataset.focus = `${box.name} show`;
      show.addEventListener("click", () => model.send({ type: "show", box: box.name }));
      foot.append(show);
    }
    return make("tr", { id: `${id}-${box.name}` }, make("td", { colSpan: 3, className: "sl-opened" }, list, foot));
  }

  function paint() {
    const kept = document.activeElement?.dataset?.focus;
    const data = model.get("slip");
    if (!data.boxes) return el.replaceChildren();
    const opened = model.get("opened");
    const body = make("tbody");
    for (const box of data.boxes) {
      const open = box.name in opened;
      const name = make("th", { scope: "row" });
      if (box.lines) {
        const button = make("button", { type: "button", className: "sl-open", textContent: box.label });
        button.setAttribute("aria-expanded", open);
        if (open) button.setAttribute("aria-controls", `${id}-${box.name}`);
        button.dataset.focus = box.name;
        button.addEventListener("click", () => model.send({ type: "toggle", box: box.name }));
        name.append(button);
      } else name.textContent = box.label;
      const row = make("tr", {}, name, make("td", { textContent: box.count }), make("td", { textContent: box.euros }));
      row.dataset.box = box.name;
      body.append(row);
      if (open) body.append(lines(box));
    }
    const foot = make("tfoot");
    for (const { label, count, euros } of data.foot)
      foot.append(make("tr", {}, make("th", { scope: "row", textContent: label }),
        make("td", { textContent: count }), make("td", { textContent: euros })));
    const head = make("tr", {}, ...data.head.map((title) => make("th", { scope: "col", textContent: title })));
    const table = make("table", { className: "elite-slip" }, make("caption", { textContent: data.caption }),
      make("thead", {}, head), body, foot);
    const balance = make("p", { className: `elite-balance ${data.balanced ? "" : "elite-alarm"}`, textContent: data.balance });
    const gone = make("p", { className: "elite-balance elite-alarm", textContent: data.vanished, hidden: !data.vanished });
    el.replaceChildren(table, balance, gone);
    if (kept) el.querySelector(`[data-focus="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
  }

  paint();
  model.on("change:slip", paint);
  model.on("change:opened", paint);
  return () => {
    model.off("change:slip", paint);
    model.off("change:opened", paint);
  };
}

export default { render };
