// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// What opens below a row: the reasons of a host, its account, its past and who holds the memory.

const paragraph = (text, class_) => node("p", class_ ? { class: class_ } : {}, text);

function tableOf(heads, rows) {
  const cells = (tag, row, scope) => row.map((cell, at) => node(at ? tag : "th", at ? (scope ? { scope, class: "num" } : { class: "num" }) : { scope: scope || "row" }, ...[cell].flat()));
  return node(
    "table", { class: "owners" },
    node("thead", {}, node("tr", {}, ...cells("th", heads, "col"))),
    node("tbody", {}, ...rows.map((row) => node("tr", {}, ...cells("td", row)))),
  );
}

const box = (title, ...children) => node("div", { class: "box" }, node("h3", {}, title), ...children);

// Each finding with what it means and its next step, which is said once where several findings have the same.
function reasons(findings, texts) {
  const said = new Set();
  return findings.flatMap(([severity, explanation, step, command, seen, meaning]) => {
    const why = node("p", { class: "why" }, status(words.severities[severity]), ` ${explanation} `, texts[seen] && node("span", { class: "mu" }, `(${texts[seen]})`));
    const means = texts[meaning] ? [paragraph(texts[meaning], "mu")] : [];
    if (said.has(`${step} ${command}`)) return [why, ...means];
    said.add(`${step} ${command}`);
    return [why, ...means, node("p", { class: "next" }, node("span", {}, "Next:"), ` ${texts[step]} `, texts[command] && node("span", { class: "cmd" }, node("code", {}, texts[command]), " ", copyButton(texts[command], "Copy")))];
  });
}

function machine(place) {
  const days = data.uptime_hours[place] === null ? null : Math.floor(data.uptime_hours[place] / 24);
  const facts = [
    ["Kernel", isolated(textOf("kernel", place) || DASH)], ["Architecture", isolated(textOf("architecture", place) || DASH)],
    ["Platform", textOf("platform", place) || DASH], ["RAM", sizeOfKib(data.ram[place])], ["CPUs possible", whole(data.cpus[place])],
    ["Up", days === null ? DASH : `${whole(days)} ${days === 1 ? "day" : "days"}`], ["Threads", whole(data.threads[place])],
    ["Control groups", whole(data.cgroups[place])], ["Coverage", textOf("coverage", place)],
  ];
  return node("dl", { class: "facts" }, ...facts.map(([title, fact]) => node("div", {}, node("dt", {}, title), node("dd", {}, fact))));
}

function account(place, entry, texts) {
  const unknown = entry.unknown ?? {};
  const limits = entry.limits ?? {};
  const limited = Object.keys(limits).length > 0;
  const rows = words.kinds.map(([key, label]) => {
    const amount = data[key][place];
    const reason = key in unknown ? node("span", { class: "mu" }, ` ${texts[unknown[key]]}`) : "";
    const row = [[label, reason], sizeOfKib(amount), percent(amount, data.ram[place])];
    return limited ? [...row, key in limits ? sizeOfKib(limits[key]) : DASH] : row;
  });
  return node("div", { class: "box wider" }, tableOf(["Kind", "Size", "Of RAM", ...(limited ? ["Critical at"] : [])], rows));
}

// The parts in the order in which the page's own cards have them.
function owners(entry, texts, views) {
  return (entry.owners ?? []).map(([key, reason, rows]) => {
    const [title, heads] = views[key];
    const why = texts[reason];
    if (!rows.length) return box(title, paragraph(why || "None were found.", "mu"));
    const shown = rows.map(([name, remark, ...numbers]) => [
      [isolated(texts[name]), texts[remark] && node("span", { class: "mu" }, " ", isolated(texts[remark]))],
      ...numbers.map((number, at) => FORMS[heads[at][1]](number)),
    ]);
    return node("div", { class: "box" }, tableOf([title, ...heads.map(([head]) => head)], shown), why && paragraph(why, "mu"));
  });
}

function detailsOf(place) {
  const { hosts: entries, texts, views, most } = details();
  const entry = entries[place] ?? { findings: [] };
  const inside = node("div", { class: "opened" });
  inside.append(node("p", { class: "acts" }, copyButton(fullName(place), "Copy name"), " ", copyButton(ticketOf(place, entry, texts), "Copy as ticket text"), " ", copyButton(`${location.href.split("#")[0]}#host=${encodeURIComponent(fullName(place))}`, "Copy link to this host")));
  if (entry.no_data) {
    const [reason, message, step] = entry.no_data.map((at) => texts[at]);
    inside.append(paragraph(`${reason}: ${message}`, "why"), node("p", { class: "next" }, node("span", {}, "Next:"), ` ${step}`));
    if (data.ram[place] === null) return inside;
  }
  inside.append(...reasons(entry.findings ?? [], texts));
  const past = entry.no_data ? null : stackOf(place, entry.limits);
  if (past) inside.append(past);
  const boxes = node("div", { class: "boxes" });
  boxes.append(box("Host", machine(place)));
  if (!entry.no_data) boxes.append(account(place, entry, texts));
  boxes.append(...owners(entry, texts, views));
  inside.append(boxes, paragraph((entry.remarks ?? []).map((at) => texts[at]).join(" "), "mu"));
  if (entry.cut) inside.append(paragraph(`Only the ${whole(most)} worst hosts have all details here; those of this host are in audit.json.`, "mu"));
  return inside;
}

// What a ticket about a host says.
function ticketOf(place, entry, texts) {
  const left = data.left[place] === undefined ? "" : ` It reaches its limit in about ${leftWords(data.left[place])}.`;
  const found = (entry.findings ?? []).map(([severity, explanation, step, command]) => `${words.severities[severity][1]}: ${explanation} Next: ${texts[step]}${texts[command] ? ` ${texts[command]}` : ""}`);
  const missing = (entry.no_data ?? []).map((at) => texts[at]).join(" ");
  return `Kernel memory of ${fullName(place)} (${textOf("environment", place)}, kernel ${textOf("kernel", place) || "not known"}), audit of ${words.now}.${left}\n${[...found, missing].filter(Boolean).join("\n")}`;
}
