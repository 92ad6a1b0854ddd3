"use strict";
// Search, filter, links that open their fold, and conversations unpacked when they are asked for.
// Everything else in the page works without this; text only ever enters it as text.
(() => {
  const main = document.querySelector("main");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text || "", className: name || "" });

  // --- conversations that are data until somebody opens their sequence
  const unpack = (sequence) => {
    const pack = sequence.querySelector("script.pack");
    if (!pack) return;
    const steps = JSON.parse(pack.textContent);
    pack.remove();
    for (const place of all(".talks", sequence)) place.replaceChildren(...(steps[place.dataset.step] || []).map(talk));
  };
  const talk = ([number, title, came, ms, request, answer, curl, leftOut]) => {
    const fold = make("details", "", "talk");
    const head = make("summary");
    head.append(make("span", title, "mono"), " ", make("span", `${came} · ${ms} ms`, "came"));
    const body = make("div", "", "said");
    body.id = `exchange-${number}`;
    fold.append(head, body);
    fold.addEventListener("toggle", () => {
      if (!fold.open || body.firstChild) return;
      body.append(make("pre", request), make("pre", answer, "answer"));
      if (curl) body.append(make("p", "As a command", "label"), make("pre", curl, "curl"));
      if (leftOut) body.append(make("p", `${leftOut} of other people left out of this report.`, "about"));
      dress(body);
    });
    return fold;
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.classList.contains("sequence")) unpack(event.target);
  }, true);

  // --- a link opens what it leads to
  const holder = (number) => all("details.sequence[data-packed]").find((sequence) => {
    const [first, last] = sequence.dataset.packed.split(" ").map(Number);
    return first <= number && number <= last;
  });
  const show = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id) return;
    const number = /^exchange-(\d+)$/.exec(id);
    if (number && !document.getElementById(id)) { const sequence = holder(Number(number[1])); if (sequence) unpack(sequence); }
    const target = document.getElementById(id);
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let place = target; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
    const head = target.matches(".said, .told") ? target.parentElement.querySelector("summary") : null;
    requestAnimationFrame(() => { (head || target).scrollIntoView(); if (head) head.focus({ preventScroll: true }); });
  };
  addEventListener("hashchange", show);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) show();
  });

  // --- search and filter
  const tools = document.getElementById("tools");
  const status = document.getElementById("shown");
  const words = document.getElementById("words");
  const picks = all("select", tools);
  const findings = all("#findings .finding").map((element) => ({
    element,
    verdict: element.dataset.verdict,
    authority: element.dataset.authority,
    resource: element.parentElement.dataset.resource,
    dialect: element.closest(".sequence").dataset.dialect,
    text: null,
  }));
  const text = (finding) => (finding.text ??= (finding.element.textContent + " " + finding.element.dataset.id).toLowerCase());
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = picks.filter((pick) => pick.value).map((pick) => [pick.name, pick.value]);
    let shown = 0;
    const kept = new Set();
    for (const finding of findings) {
      const fits = chosen.every(([name, value]) => finding[name] === value) && wanted.every((word) => text(finding).includes(word));
      if (finding.element.hidden === fits) finding.element.hidden = !fits;
      if (fits) { shown += 1; for (let place = finding.element.parentElement; place !== main; place = place.parentElement) { if (kept.has(place)) break; kept.add(place); } }
    }
    for (const place of all("#findings .step, #findings .sequence, #findings .group")) { const hide = !kept.has(place); if (place.hidden !== hide) place.hidden = hide; }
    status.textContent = `${shown.toLocaleString("en")} of ${findings.length.toLocaleString("en")} findings shown`;
  };
  const reset = () => { words.value = ""; for (const pick of picks) pick.value = ""; apply(); };
  let waiting = 0;
  words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  for (const pick of picks) pick.addEventListener("change", apply);
  tools.querySelector("#reset").addEventListener("click", () => { reset(); words.focus(); });
  tools.querySelector("#unfold").addEventListener("click", () => {
    const folds = all("#findings .sequence:not([hidden])");
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open;
  });
  tools.hidden = false;
  document.getElementById("packed")?.remove();

  // --- what can be copied
  const copied = (button, value) => {
    const done = () => { button.textContent = "Copied"; setTimeout(() => { button.textContent = button.dataset.label; }, 1500); };
    const fallback = () => {
      const area = make("textarea", value);
      document.body.append(area); area.select();
      const worked = document.execCommand("copy");
      area.remove(); button.focus();
      if (worked) done();
    };
    if (navigator.clipboard && isSecureContext) navigator.clipboard.writeText(value).then(done, fallback); else fallback();
  };
  const button = (label, what, value) => {
    const made = make("button", label, "copy");
    made.type = "button"; made.dataset.label = label;
    made.setAttribute("aria-label", what);
    made.addEventListener("click", () => copied(made, value()));
    return made;
  };
  const dress = (body) => {
    if (body.dataset.dressed) return;
    body.dataset.dressed = "1";
    const link = body.querySelector(":scope > .link a");
    if (link) link.parentElement.append(" ", button("Copy link", "Copy the link to this finding", () => link.href));
    const curl = body.querySelector(":scope > pre.curl");
    if (curl) curl.previousElementSibling.append(" ", button("Copy", "Copy the command", () => curl.textContent));
  };
  document.addEventListener("toggle", (event) => {
    const body = event.target.open && event.target.querySelector(":scope > .told, :scope > .said");
    if (body) dress(body);
  }, true);
  for (const body of all("details[open] > .said, details[open] > .told")) dress(body);

  // --- print: what is wrong lies open, whatever was folded
  addEventListener("beforeprint", () => {
    for (const fold of all("details.fold, details.fails, details.undecided, details.waived, .fails > .talks > details.talk")) if (!fold.open) { fold.open = true; fold.dataset.printed = "1"; }
  });
  addEventListener("afterprint", () => { for (const fold of all("details[data-printed]")) { fold.open = false; delete fold.dataset.printed; } });

  apply();
  show();
})();
