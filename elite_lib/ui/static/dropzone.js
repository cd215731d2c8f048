// Files by drag and drop or chooser. They travel in pieces: a message to the kernel that is too large
// is dropped by the server without a word. What is too large is refused here, before it leaves.

const PIECE = 1024 * 1024; // bytes

function render({ model, el }) {
  const id = `dz${Math.random().toString(36).slice(2, 9)}`;
  const texts = model.get("texts");
  const say = (name, facts = {}) => texts[name].replace(/\{(\w+)\}/g, (whole, key) => facts[key] ?? whole);
  const input = make("input", { type: "file", multiple: true, id: `${id}-file`, className: "dz-file" });
  input.accept = model.get("accept");
  const label = make("label", { htmlFor: input.id, className: "dz-label" });
  const hint = make("span", { className: "dz-hint", id: `${id}-hint`, textContent: say("hint") });
  input.setAttribute("aria-describedby", hint.id);
  const zone = make("div", { className: "dz-zone" }, input, label, hint);
  const list = make("ul", { className: "dz-list" });
  const status = make("p", { className: "dz-status", role: "status" });
  el.classList.add("elite-dropzone");
  el.append(zone, status, list);

  const paint = () => {
    label.textContent = model.get("label");
    input.disabled = model.get("disabled");
    zone.classList.toggle("dz-off", model.get("disabled"));
    list.setAttribute("aria-label", model.get("list_label"));
    list.replaceChildren(
      ...model.get("files").map(({ name, size }) => {
        const remove = make("button", { type: "button", textContent: say("remove") });
        remove.setAttribute("aria-label", say("remove_file", { name }));
        remove.addEventListener("click", () => {
          model.send({ type: "remove", name });
          input.focus();
        });
        return make("li", {}, make("span", { className: "dz-name", textContent: name }),
          make("span", { className: "dz-size", textContent: size }), remove);
      }),
    );
    list.hidden = model.get("files").length === 0;
  };

  async function upload(file, take) {
    const limit = model.get("limit");
    if (limit && file.size > limit) {
      model.send({ type: "big", name: file.name, size: file.size });
      return;
    }
    const transfer = `${id}-${Math.random().toString(36).slice(2)}`;
    for (let from = 0; from === 0 || from < file.size; from += PIECE) {
      const piece = await file.slice(from, from + PIECE).arrayBuffer();
      const last = from + PIECE >= file.size;
      status.textContent = last ? "" : say("progress", { name: file.name, percent: Math.round((from / file.size) * 100) });
      const told = { type: "piece", take, transfer, name: file.name, size: file.size, last };
      model.send(told, undefined, [new DataView(piece)]);
      if (!last) await new Promise((resolve) => setTimeout(resolve));
    }
  }

  async function take(files) {
    if (model.get("disabled") || !files.length) return;
    const begun = Math.random().toString(36).slice(2); // what they go with is settled now, however long they take
    model.send({ type: "begin", take: begun });
    for (const file of files) {
      try {
        await upload(file, begun);
      } catch {
        status.textContent = say("unreadable", { name: file.name }); // a folder, or a file that is gone
      }
    }
  }

  input.addEventListener("change", async () => {
    await take([...input.files]);
    input.value = "";
  });
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("dz-over", on && !model.get("disabled"));
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    take([...event.dataTransfer.files]);
  });

  paint();
  const traits = ["files", "label", "list_label", "disabled"].map((name) => `change:${name}`);
  for (const trait of traits) model.on(trait, paint);
  return () => traits.forEach((trait) => model.off(trait, paint));
}

export default { render };
