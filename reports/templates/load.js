// The charts of load.html with values to read, and the operations that somebody picks from the table.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const data = (element) => JSON.parse(element.textContent);
  const { make } = charts;

  for (const figure of all("figure.timed")) {
    const spec = data(figure.querySelector("script"));
    new charts.TimeChart(figure, { unit: spec.unit, log: spec.log, height: Number(figure.dataset.height) }).draw(spec);
  }

  const explorer = document.getElementById("explorer");
  if (!explorer) return;
  const { at, end, warm_up: shade, lines, limits, before, baseline } = data(document.getElementById("series"));
  const COLOURS = 6, FIRST = 3;
  const chart = new charts.TimeChart(explorer.querySelector(".picked"), { unit: "ms", log: true, height: 260 });
  const percentiles = all("input[name=percentile]", explorer);
  const picked = new Map(); // id: number, from 1, of its colour and its mark in the chart
  const boxes = new Map();
  const find = explorer.querySelector("input[type=search]");

  const draw = () => {
    const chosen = percentiles.filter((box) => box.checked).map((box) => box.value);
    const drawn = [], levels = [];
    for (const [id, number] of [...picked].sort((one, other) => one[1] - other[1])) {
      const colour = `c${(number - 1) % COLOURS}`;
      for (const name of chosen) {
        const behind = before[id]?.[name];
        if (behind) drawn.push({ name: `${number} ${name}, ${baseline}`, short: `${number} ${name} then`, style: `${colour} before`, values: behind });
        const values = (lines[id][name] ?? []).map((value, place) => (at[place] >= shade ? value : null));
        drawn.push({ name: `${name} of ${id || "all requests"}`, short: name, tag: String(number), style: `${colour} ${name}`, values });
        for (const row of limits.filter((one) => one.of === id && one.measure === `${name}_ms`)) {
          const broken = row.verdict === "broken" ? "✗ " : "";
          levels.push({ value: row.limit, name: `${broken}${number} ${name} ≤ ${row.limit.toLocaleString("en")} ms`, style: `${colour} ${row.verdict}` });
        }
      }
    }
    chart.draw({ at, end, shade, lines: drawn, levels });
    for (const [id, box] of boxes) {
      box.checked = picked.has(id);
      const mark = box.parentElement.querySelector(".number");
      mark.className = picked.has(id) ? `number c${(picked.get(id) - 1) % COLOURS}` : "number";
      mark.textContent = picked.get(id) ?? "";
    }
  };
  const pick = (id, wanted) => {
    const used = new Set(picked.values());
    if (!wanted) picked.delete(id);
    else if (!picked.has(id)) { let free = 1; while (used.has(free)) free += 1; picked.set(id, free); }
  };
  const only = (ids) => { picked.clear(); for (const id of ids) pick(id, true); draw(); };

  const label = (id, holder) => {
    const made = make("label", "pick"), box = Object.assign(make("input"), { type: "checkbox" });
    box.setAttribute("aria-label", id || "all requests");
    box.addEventListener("change", () => { pick(id, box.checked); draw(); });
    made.append(box, make("span", "number"), " ", ...holder.childNodes);
    holder.append(made);
    boxes.set(id, box);
  };
  const rows = all("tr[data-id]").filter((row) => lines[row.dataset.id]);
  for (const row of rows) label(row.dataset.id, row.querySelector("th"));
  const everything = explorer.querySelector(".everything");
  if (lines[everything.dataset.id]) label(everything.dataset.id, everything); else everything.remove();

  const steps = rows.filter((row) => row.classList.contains("step"));
  const slowest = (n) => [...steps].sort((one, other) => other.dataset.p95 - one.dataset.p95).slice(0, n).map((row) => row.dataset.id);
  const broken = new Set(limits.filter((one) => one.verdict === "broken").map((one) => one.of));
  const wrong = () => rows.filter((row) => Number(row.dataset.errors) || broken.has(row.dataset.id)).map((row) => row.dataset.id);
  const does = { slowest: () => only(slowest(5)), wrong: () => only(wrong()), none: () => only([]) };
  for (const button of all("button", explorer)) button.addEventListener("click", does[button.value]);
  for (const box of percentiles) box.addEventListener("change", draw);
  find.addEventListener("input", () => {
    for (const row of all("tr[data-id]")) row.hidden = !row.dataset.id.toLowerCase().includes(find.value.trim().toLowerCase());
  });
  for (const hidden of all(".choices, .picked", explorer)) hidden.hidden = false;
  only(slowest(FIRST));
})();
