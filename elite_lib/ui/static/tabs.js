// The tablist (WAI-ARIA Authoring Practices, "Tabs", automatic activation): arrow keys, Home and End move.
// The panels are widgets beside it; they may come a little later than the tabs.

function render({ model, el }) {
  const titles = model.get("titles");
  const id = `tab${Math.random().toString(36).slice(2, 9)}`;
  const list = document.createElement("div");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", model.get("label"));
  list.className = "elite-tablist";
  list.hidden = titles.length < 2;
  const tabs = titles.map((title, number) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `${id}-${number}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `${id}-panel-${number}`);
    tab.textContent = title;
    tab.addEventListener("click", () => choose(number));
    return tab;
  });
  list.append(...tabs);
  el.append(list);

  const panel = (number) => el.closest(".elite-tabs")?.querySelector(`:scope > .elite-panel-${number}`);

  function mark() {
    let all = true;
    titles.forEach((_title, number) => {
      const found = panel(number);
      if (!found) return (all = false);
      found.id = `${id}-panel-${number}`;
      if (titles.length > 1) {
        found.setAttribute("role", "tabpanel");
        found.setAttribute("aria-labelledby", `${id}-${number}`);
      }
      found.toggleAttribute("data-open", number === model.get("chosen"));
    });
    return all;
  }

  function paint() {
    tabs.forEach((tab, number) => {
      const chosen = number === model.get("chosen");
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
    });
    mark();
  }

  function choose(number) {
    model.set("chosen", number);
    model.save_changes();
    paint();
  }

  list.addEventListener("keydown", (event) => {
    const count = tabs.length;
    const now = model.get("chosen");
    const next = { ArrowRight: (now + 1) % count, ArrowLeft: (now + count - 1) % count, Home: 0, End: count - 1 }[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(next);
    tabs[next].focus();
  });

  paint();
  const seen = new MutationObserver(() => mark() && seen.disconnect());
  seen.observe(document.body, { childList: true, subtree: true });
  model.on("change:chosen", paint);
  return () => {
    seen.disconnect();
    model.off("change:chosen", paint);
  };
}

export default { render };
