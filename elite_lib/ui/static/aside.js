// Addresses that are set aside: a real table, one button a row. Texts come from a workbook and from servers:
// textContent only.

function render({ model, el }) {
  const table = document.createElement("table");
  table.className = "elite-returns elite-aside";
  const nothing = document.createElement("p");
  nothing.className = "elite-quiet";
  el.append(table, nothing);
  let focusAt = -1;

  function cell(row, text, head) {
    const made = document.createElement(head ? "th" : "td");
    if (head) made.scope = head;
    made.textContent = text;
    row.append(made);
    return made;
  }

  function paint() {
    const rows = model.get("rows");
    table.replaceChildren();
    table.hidden = rows.length === 0;
    nothing.hidden = rows.length > 0;
    nothing.textContent = model.get("empty");
    const caption = table.createCaption();
    caption.textContent = model.get("caption");
    const head = table.createTHead().insertRow();
    for (const title of model.get("titles")) cell(head, title, "col");
    const body = table.createTBody();
    rows.forEach((one, number) => {
      const row = body.insertRow();
      one.cells.forEach((text, place) => cell(row, text, place === 0 ? "row" : ""));
      const button = document.createElement("button");
      button.type = "button";
      button.className = "elite-button";
      button.textContent = model.get("action");
      button.setAttribute("aria-label", `${model.get("action")} ${one.address}`);
      button.addEventListener("click", () => {
        button.disabled = true;
        focusAt = number;
        model.send({ type: "clear", address: one.address });
      });
      cell(row, "").append(button);
    });
    if (focusAt >= 0) {
      const buttons = table.querySelectorAll("button");
      buttons[Math.min(focusAt, buttons.length - 1)]?.focus();
      focusAt = -1;
    }
  }

  paint();
  model.on("change:rows", paint);
  return () => model.off("change:rows", paint);
}

export default { render };
