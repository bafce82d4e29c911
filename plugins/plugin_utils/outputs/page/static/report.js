// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The page itself: what the reader does, and the state of the table in the address, so that a link opens the same view.

const CHOICES = [["environment", "env"], ["kernel", "kernel"], ["finding", "finding"]];
const DEFAULT_ROWS = 50;

function stateInAddress() {
  const address = new URLSearchParams();
  if (state.q) address.set("q", state.q);
  if (state.verdicts.size < VERDICTS.length) address.set("verdict", VERDICTS.filter((word) => state.verdicts.has(word)).join(","));
  for (const [key] of CHOICES) if (state[key] !== null) address.set(key, state[key]);
  if (state.sort !== "verdict" || !state.up) address.set("sort", (state.up ? "" : "-") + state.sort);
  if (state.columns.join() !== FIRST.join()) address.set("columns", state.columns.slice(1).join(","));
  if (state.page) address.set("page", state.page + 1);
  if (state.per !== DEFAULT_ROWS) address.set("rows", state.per);
  if (opened.size) address.set("open", [...opened].slice(0, 10).map(fullName).join("\n"));
  return address.toString();
}

function remember() {
  try {
    history.replaceState(null, "", `#${stateInAddress() || "hosts"}`);
  } catch (error) {
    // Some browsers refuse this in a file or after very many changes; the table works all the same.
  }
  byId("link").dataset.copy = location.href;
}

function chosen(address) {
  const sort = address.get("sort") ?? "verdict";
  const rows = Number(address.get("rows"));
  const asked = address.has("verdict") ? address.get("verdict").split(",").filter(Boolean) : VERDICTS;
  const strange = asked.filter((word) => !VERDICTS.includes(word));
  Object.assign(state, {
    q: address.get("q") ?? "", sort: sort.replace(/^-/, ""), up: !sort.startsWith("-"),
    page: Math.max(0, (Number.parseInt(address.get("page"), 10) || 1) - 1), per: [50, 100, 500].includes(rows) ? rows : DEFAULT_ROWS,
    verdicts: new Set(strange.length === asked.length && strange.length ? VERDICTS : asked),
    columns: columnsIn(address.get("columns")),
    note: strange.length ? `. There is no verdict \u201c${strange.join(", ").slice(0, 40)}\u201d.` : "",
  });
  for (const [key] of CHOICES) state[key] = address.get(key);
  opened.clear();
  for (const name of (address.get("open") ?? "").split("\n").filter(Boolean)) {
    const place = placeOfName(name);
    if (place >= 0) opened.add(place);
  }
  if (address.has("host")) onlyHost(address.get("host"));
}

function columnsIn(asked) {
  if (asked === null) return FIRST;
  return ["host", ...new Set(asked.split(",").filter((key) => key !== "host" && BY_KEY.has(key)))];
}

// A link to one host: the table shows it alone, opened.
function onlyHost(name) {
  const place = placeOfName(name);
  state.q = place < 0 ? name : fullName(place);
  if (place >= 0) opened.add(place);
}

function fillForm() {
  byId("q").value = state.q;
  for (const word of VERDICTS) byId(`verdict-${word}`).checked = state.verdicts.has(word);
  for (const [key, id] of CHOICES) byId(id).value = state[key] ?? "";
  byId("per").value = state.per;
  for (const one of byId("columns").querySelectorAll("input")) one.checked = state.columns.includes(one.value);
}

// Draw the table anew; a new search or order starts at the first page.
function show({ again = false, sorted = false } = {}) {
  if (sorted) sort();
  if (again) state.page = 0;
  filter();
  drawRows();
}

function showFromAddress() {
  const hash = location.hash.slice(1);
  if (!hash.includes("=")) return false;
  chosen(new URLSearchParams(hash));
  fillForm();
  drawHeads();
  show({ sorted: true });
  return true;
}

function goToTable() {
  byId("hosts").scrollIntoView({ behavior: "instant" });
  byId("q").focus({ preventScroll: true });
}

function openHost(name) {
  location.hash = `host=${encodeURIComponent(name)}`;
  goToTable();
}

function fillChoices() {
  for (const { key, title } of COLUMNS.slice(1)) {
    byId("columns").append(node("label", {}, node("input", { type: "checkbox", value: key }), ` ${title}`));
  }
  const add = (id, value, label) => byId(id).append(node("option", { value }, label));
  for (const [column, id] of [["environment", "env"], ["kernel", "kernel"]]) {
    for (const text of [...data[column].texts].filter(Boolean).sort()) add(id, text, text);
  }
  for (const [key, label] of data.findings.sorts) add("finding", key, label);
}

function toggle(button) {
  const place = Number(button.dataset.place);
  const open = !opened.has(place);
  button.setAttribute("aria-expanded", String(open));
  if (open) {
    opened.add(place);
    button.closest("tr").after(detailRow(place));
  } else {
    opened.delete(place);
    button.closest("tr").nextElementSibling.remove();
  }
  remember();
}

function listen() {
  const changed = () => {
    state.note = "";
    show({ again: true });
    remember();
  };
  let waiting = 0;
  byId("q").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      state.q = byId("q").value;
      changed();
    }, hosts > 20000 ? 150 : 30);
  });
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  for (const word of VERDICTS) {
    byId(`verdict-${word}`).addEventListener("change", (event) => {
      if (event.target.checked) state.verdicts.add(word);
      else state.verdicts.delete(word);
      changed();
    });
  }
  for (const [key, id] of CHOICES) {
    byId(id).addEventListener("change", (event) => {
      state[key] = event.target.value || null;
      changed();
    });
  }
  byId("per").addEventListener("change", (event) => {
    state.per = Number(event.target.value);
    changed();
  });
  byId("columns").addEventListener("change", () => {
    const ticked = [...byId("columns").querySelectorAll("input:checked")].map((one) => one.value);
    state.columns = ["host", ...ticked];
    drawHeads();
    drawRows();
    remember();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) {
      event.preventDefault();
      byId("q").focus();
    }
    if (event.key === "Escape") byId("chooser").open = false;
  });
  byId("clear").addEventListener("click", () => {
    chosen(new URLSearchParams());
    fillForm();
    drawHeads();
    show({ sorted: true });
    remember();
  });
  byId("heads").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-sort]");
    if (!button) return;
    const key = button.dataset.sort;
    state.up = state.sort === key ? !state.up : true;
    state.sort = key;
    drawHeads();
    show({ again: true, sorted: true });
    remember();
    byId("heads").querySelector(`button[data-sort="${key}"]`).focus();
  });
  byId("rows").addEventListener("click", (event) => {
    const button = event.target.closest("button.open");
    if (button) toggle(button);
  });
  for (const [id, step] of [["previous", -1], ["next", 1]]) {
    byId(id).addEventListener("click", () => {
      state.page += step;
      show();
      remember();
      byId("finder").scrollIntoView({ block: "nearest" });
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-show]");
    if (!link) return;
    event.preventDefault();
    if (location.hash === `#${link.dataset.show}`) showFromAddress();
    else location.hash = link.dataset.show;
    goToTable();
  });
  window.addEventListener("hashchange", showFromAddress);
}

fillChoices();
byId("static").remove();
byId("finder").hidden = false;
listen();
wakeCopies();
wakeScheme();
wakeContents();
wakeCharts();
wakeHeat();
wakeCsv();
wakePaper();
byId("link").dataset.copy = location.href;
if (showFromAddress()) {
  goToTable();
} else {
  fillForm();
  drawHeads();
  show();
}
performance.mark("ready");
