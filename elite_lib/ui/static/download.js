// A button that asks Python for a file and saves it. The bytes come by the page's own connection, behind
// the login; nothing of them is on the server's disk or in an address.

function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `elite-button ${model.get("main") ? "elite-main" : ""}`;
  const paint = () => {
    button.textContent = model.get("label");
    button.disabled = model.get("disabled");
  };
  button.addEventListener("click", () => {
    model.send({ type: "ask" });
  });
  const onMessage = (message, buffers) => {
    if (message.type !== "file") return;
    const url = URL.createObjectURL(new Blob(buffers, { type: message.media_type }));
    const link = document.createElement("a");
    Object.assign(link, { href: url, download: message.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  el.classList.add("elite-download");
  el.append(button);
  paint();
  model.on("msg:custom", onMessage);
  model.on("change:label", paint);
  model.on("change:disabled", paint);
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:label", paint);
    model.off("change:disabled", paint);
  };
}

export default { render };
