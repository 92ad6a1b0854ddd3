// The dashboard of a load run: each message of the stream has the points that are new and how the run stands now.
(() => {
  const { TimeChart, written, make } = charts;
  const place = (id) => document.getElementById(id);
  const { seconds: planned, warm_up: shade, name } = JSON.parse(place("plan").textContent);
  const count = (value) => value.toLocaleString("en");
  const COLUMNS = ["at", "asked", "achieved", "p50", "p95", "p99", "in_flight", "lag_ms"];
  const LEAST_SHOWN = 60; // seconds of the axis at the start of a long run
  const KINDS = 6; // of errors that are drawn
  const points = [];
  let row = null, ended = null, run = null;
  const lasting = () => row?.seconds ?? planned; // a search for the limit finds out on its way how long it takes

  const chart = (id, options, lines) => {
    const made = new TimeChart(place(id), options);
    return () => {
      const columns = Object.fromEntries(COLUMNS.map((column) => [column, points.map((point) => point[column])]));
      const last = columns.at.at(-1) ?? 0;
      const end = Math.max(last, Math.min(lasting(), Math.max(LEAST_SHOWN, last * 1.25)));
      made.draw({ at: columns.at, end, shade, lines: lines(columns) });
    };
  };
  const kinds = () => {
    const most = new Map();
    for (const point of points) for (const [kind, n] of Object.entries(point.kinds)) most.set(kind, Math.max(n, most.get(kind) ?? 0));
    return [...most].sort((one, other) => other[1] - one[1]).slice(0, KINDS).map(([kind]) => kind);
  };
  const drawings = [
    chart("response", { unit: "ms", log: true, height: 260 }, ({ p50, p95, p99 }) => [
      { name: "p50", style: "low", values: p50 }, { name: "p95", style: "middle", values: p95 }, { name: "p99", style: "high", values: p99 },
    ]),
    chart("rate", { unit: "/s" }, ({ asked, achieved }) => [
      { name: "asked", style: "due", values: asked }, { name: "achieved", style: "answered", values: achieved },
    ]),
    chart("errors", { unit: "/s" }, () => kinds().map((kind, number) => (
      { name: kind, tag: String(number + 1), style: `c${number}`, values: points.map((point) => point.kinds[kind] ?? 0) }))),
    chart("in-flight", { unit: "" }, ({ in_flight }) => [{ name: "in flight", style: "c0", values: in_flight }]),
    chart("lag", { unit: "ms", log: true }, ({ lag_ms }) => [{ name: "generator lag p99", style: "c4", values: lag_ms }]),
  ];

  const figures = (now) => {
    const left = Math.max(now.seconds - now.at, 0);
    const times = (from) => Object.fromEntries(["p50", "p95", "p99"].map((each) => [each, written(from[each], "ms").replace(" ms", "")]));
    const lately = times(now.recent_ms), whole = times(now.run_ms);
    return {
      achieved: digitsOf(now.achieved), asked: digitsOf(now.asked), sequences: digitsOf(now.sequences),
      p50: lately.p50, p95: lately.p95, p99: lately.p99, run: `${whole.p50} / ${whole.p95} / ${whole.p99} ms`,
      errors: count(now.errors), due: count(now.due),
      kinds: now.kinds.map(([kind, n]) => `${count(n)} ${kind}`).join(", "),
      in_flight: count(now.in_flight), lag: written(now.lag_ms, "ms"),
      workers: now.workers > 1 ? `${count(now.workers)} workers` : "",
      clock: `${now.at.toFixed(0)} of ${now.seconds.toFixed(0)} s, ${left.toFixed(0)} s left`,
    };
  };
  const digitsOf = (rate) => written(rate, "/s").replace("/s", "");
  const cells = (texts) => {
    const line = make("tr");
    for (const [at, [text, bad]] of texts.entries()) {
      const cell = make(at ? "td" : "th", bad ? "bad" : "", text);
      if (!at) cell.scope = "row";
      line.append(cell);
    }
    return line;
  };
  const WORDS = { broken: "BROKEN", held: "holds so far", undecided: "not told yet" };
  const MANY = { broken: "broken", held: "held so far", undecided: "not told yet" };
  const tables = (now) => {
    const ms = (value) => [written(value, "ms").replace(" ms", "")];
    place("worst").replaceChildren(...now.worst.map((one) => cells(
      [[one.id], [count(one.due)], [count(one.errors), one.errors], ms(one.p50), ms(one.p95), ms(one.p99)])));
    const of = (one) => one.id.replace("#", " ").replace(/^\* /, "each step: ");
    const value = (one) => (one.value === null ? "–" : Number(one.value.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 }));
    place("limits").replaceChildren(...now.thresholds.map((one) => cells(
      [[of(one)], [one.limit.toLocaleString("en")], [value(one)], [WORDS[one.verdict], one.verdict === "broken"]])));
    const all = Object.values(now.verdicts).reduce((sum, n) => sum + n, 0), rest = all - now.thresholds.length;
    const told = Object.entries(now.verdicts).filter(([, n]) => n).map(([verdict, n]) => `${count(n)} ${MANY[verdict]}`);
    place("verdicts").textContent = told.length ? `Of ${count(all)}: ${told.join(", ")}${rest ? `; those broken or nearest to their limit:` : "."}` : "The plan has none.";
  };

  const said = (id, text) => { if (place(id).textContent !== text) place(id).textContent = text; };
  const show = (stage) => {
    said("phase", ended ? "over" : stage.words);
    const progress = place("progress");
    const [done, of] = stage.of ? [stage.done, stage.of] : [row?.at ?? 0, lasting()];
    progress.max = of;
    progress.value = ended ? of : Math.min(done, of);
    document.title = ended ? `${ended.result || "over"}: ${name}` : `${Math.round((100 * progress.value) / of)} % ${stage.words}: ${name}`;
    if (stage.of) said("clock", `${count(stage.done)} of ${count(stage.of)}`);
    if (ended) {
      document.body.className = ended.result;
      said("result", ended.result || "No result");
      said("why", ended.why);
      said("report", ended.report);
      place("reported").hidden = !ended.report;
      place("ended").hidden = false;
    }
  };
  const draw = () => {
    if (row) {
      for (const [key, text] of Object.entries(figures(row))) {
        for (const shown of document.querySelectorAll(`[data-figure=${key}]`)) shown.textContent = text;
      }
      place("wrong").classList.toggle("broken", row.errors > 0);
      tables(row);
    }
    for (const drawing of drawings) drawing();
  };

  const stream = new EventSource("events");
  let stage = { words: "starting" };
  stream.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (run !== null && run !== message.run) { location.reload(); return; } // another run, served where this one was
    run = message.run;
    if (message.whole) points.length = 0;
    points.push(...message.points);
    ({ row, stage, ended } = message);
    place("lost").hidden = true;
    if (ended) stream.close();
    if (!document.hidden) draw(); // who looks elsewhere costs this machine no drawing
    show(stage);
  });
  stream.addEventListener("error", () => {
    if (ended || !place("lost").hidden) return;
    said("since", new Date().toLocaleTimeString("en-GB"));
    place("lost").hidden = false;
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { draw(); show(stage); } });
  draw();
})();
