"use strict";
// Charts over time as SVG. The values of a moment are read under the pointer or with the arrow keys, and stand below as
// text. Shared by load.html and the dashboard; sizes and scales are those of render.load.plots, which draws without scripts.
const charts = (() => {
  const LEFT = 52, RIGHT = 26, TOP = 10, BOTTOM = 24; // pixels around the plot area
  const APART = 14, LETTER = 7; // pixels from one line of text to the next, and of one letter at the most
  const FOLDED = 760; // pixels of a chart that is folded away: print unfolds it without a word to scripts
  const LEAST = 0.01; // a logarithm has no place for 0
  const ROUND = [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
  const known = (value) => value !== null && value !== undefined;

  const element = (name, attributes = {}, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  const make = (tag, name = "", text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });

  const digits = (value, most) => value.toLocaleString("en", { minimumFractionDigits: most, maximumFractionDigits: most });
  // A value with its unit: `0.82 ms`, `14.1 ms`, `1,204 ms`, `31.5/s`, `12`; a dash for none.
  const written = (value, unit) => {
    if (!known(value)) return "–";
    if (unit === "ms") return `${digits(value, value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
    return unit ? `${digits(value, value < 100 ? 1 : 0)}${unit}` : digits(value, 0);
  };
  const clock = (seconds) => `${digits(seconds, 0)} s`;

  const ticksTo = (largest, about) => {
    const unit = 10 ** Math.floor(Math.log10(largest / about));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((found) => found >= (largest / about) * 0.999);
    return Array.from({ length: Math.floor(largest / step + 1e-9) + 1 }, (_, n) => Number((n * step).toPrecision(10)));
  };
  const linear = (values, unit) => {
    const top = Math.max(...values, 0) * 1.05 || 1;
    const ticks = ticksTo(top, 4).filter((tick) => unit || Number.isInteger(tick));
    return { share: (value) => value / top, ticks };
  };
  const logarithmic = (values) => {
    const some = values.length ? values.map((value) => Math.max(value, LEAST)) : [1];
    const least = Math.min(...some), most = Math.max(...some);
    const low = ROUND.findLast((step) => step <= least * 0.9) ?? least * 0.9;
    const high = ROUND.find((step) => step >= most * 1.15) ?? most * 1.15;
    const all = ROUND.filter((step) => low <= step && step <= high);
    const ticks = all.length <= 6 ? all : all.filter((step) => step.toExponential().startsWith("1"));
    return { share: (value) => Math.log10(Math.max(value, low) / low) / Math.log10(high / low), ticks };
  };
  // More points than pixels are drawn as the highest of each few: no peak is left out.
  const thinned = (at, values, most) => {
    const group = Math.ceil(at.length / most);
    if (group <= 1) return values.map((value, place) => [at[place], value]);
    return Array.from({ length: Math.ceil(at.length / group) }, (_, n) => {
      const some = values.slice(n * group, (n + 1) * group).filter(known);
      return [at[n * group], some.length ? Math.max(...some) : null];
    });
  };

  // A chart in a <figure>, whose caption stays. `draw` takes {at, end, shade, lines, levels}: seconds, the last second of
  // the axis, up to where nothing is counted, [{name, style, values, tag}], and limits as [{name, style, value}].
  class TimeChart {
    constructor(figure, { unit, log = false, height = 200 }) {
      const caption = figure.querySelector("figcaption");
      Object.assign(this, { unit, log, height, cursor: null, spec: null, width: 0 });
      this.plot = make("div", "plot");
      this.plot.tabIndex = 0;
      this.plot.setAttribute("role", "slider");
      this.plot.setAttribute("aria-label", `${caption.textContent}; arrow keys read the values of a moment`);
      this.reading = make("p", "reading");
      this.key = make("ul", "key");
      figure.replaceChildren(caption, this.plot, this.reading, this.key);
      this.plot.addEventListener("pointermove", (event) => this.point(event));
      this.plot.addEventListener("pointerleave", () => this.read(null));
      this.plot.addEventListener("blur", () => this.read(null));
      this.plot.addEventListener("keydown", (event) => this.press(event));
      new ResizeObserver(() => { if (this.spec && this.plot.clientWidth && this.plot.clientWidth !== this.width) this.paint(); }).observe(this.plot);
    }

    draw(spec) {
      this.spec = spec;
      if (this.cursor !== null && this.cursor >= spec.at.length) this.cursor = null;
      this.paint();
      this.key.replaceChildren(...spec.lines.map((line) => {
        const item = make("li", line.style, line.name);
        if (line.tag) item.prepend(make("b", "", `${line.tag} `));
        return item;
      }));
    }

    paint() {
      this.width = this.plot.clientWidth || FOLDED;
      const { at, end, shade = 0, lines, levels = [] } = this.spec;
      const right = this.width - RIGHT, bottom = this.height - BOTTOM;
      const values = [...lines.flatMap((line) => line.values.filter(known)), ...levels.map((level) => level.value)];
      const scale = (this.log ? logarithmic : linear)(values, this.unit);
      this.x = (seconds) => LEFT + (seconds / (end || 1)) * (right - LEFT);
      this.y = (value) => bottom - scale.share(value) * (bottom - TOP);
      const svg = element("svg", { viewBox: `0 0 ${this.width} ${this.height}`, "aria-hidden": "true" });
      if (shade > 0) {
        const until = Math.min(this.x(shade), right);
        svg.append(element("rect", { class: "shade", x: LEFT, y: TOP, width: until - LEFT, height: bottom - TOP }));
        if (until - LEFT > 60) svg.append(element("text", { x: LEFT + 4, y: bottom - 6 }, "warm-up"));
      }
      for (const tick of scale.ticks) {
        svg.append(element("line", { class: "grid", x1: LEFT, x2: right, y1: this.y(tick), y2: this.y(tick) }));
        svg.append(element("text", { x: LEFT - 6, y: this.y(tick) + 4, "text-anchor": "end" }, tick.toLocaleString("en")));
      }
      for (const tick of ticksTo(end || 1, this.width < 500 ? 3 : 6)) {
        svg.append(element("text", { x: this.x(tick), y: bottom + 16, "text-anchor": "middle" }, `${tick.toLocaleString("en")} s`));
      }
      for (const line of lines) svg.append(...this.pieces(line, at, right));
      svg.append(...this.limits(levels, right));
      this.mark = element("g", { class: "mark" });
      svg.append(this.mark);
      this.plot.replaceChildren(svg);
      this.read(this.cursor);
    }

    * pieces(line, at, right) {
      let piece = [];
      const pieces = [piece];
      for (const [moment, value] of thinned(at, line.values, right - LEFT)) {
        if (known(value)) piece.push([this.x(moment).toFixed(1), this.y(value).toFixed(1)]);
        else if (piece.length) pieces.push(piece = []);
      }
      for (const one of pieces.filter((points) => points.length)) {
        const alone = one.length === 1;
        const drawn = alone ? element("circle", { class: line.style, cx: one[0][0], cy: one[0][1], r: 2.5 })
          : element("polyline", { class: line.style, points: one.map((point) => point.join()).join(" ") });
        drawn.append(element("title", {}, line.name));
        yield drawn;
      }
      const last = pieces.findLast((points) => points.length)?.at(-1);
      if (line.tag && last) yield element("text", { class: "tag", x: Number(last[0]) + 4, y: Number(last[1]) + 4 }, line.tag);
    }

    * limits(levels, right) {
      const taken = [];
      for (const level of [...levels].sort((one, other) => other.value - one.value)) {
        const y = this.y(level.value), wide = LETTER * level.name.length;
        const drawn = element("line", { class: `level ${level.style}`, x1: LEFT, x2: right, y1: y, y2: y });
        drawn.append(element("title", {}, level.name));
        yield drawn;
        let x = right - 4;
        for (const [top, from, to] of [...taken].sort((one, other) => other[2] - one[2])) {
          if (Math.abs(top - y) < APART && x > from && x - wide < to) x = from - 2 * LETTER;
        }
        if (x - wide < LEFT) continue;
        taken.push([y, x - wide, x]);
        yield element("text", { class: `level ${level.style}`, x, y: y - 4, "text-anchor": "end" }, level.name);
      }
    }

    point(event) {
      const { at, end } = this.spec;
      const box = this.plot.getBoundingClientRect();
      const seconds = ((event.clientX - box.left - LEFT) / (this.width - RIGHT - LEFT)) * (end || 1);
      const distance = (place) => Math.abs(at[place] - seconds);
      let nearest = at.findIndex((moment) => moment >= seconds);
      if (nearest < 0) nearest = at.length - 1;
      if (nearest > 0 && distance(nearest - 1) < distance(nearest)) nearest -= 1;
      this.read(nearest < 0 ? null : nearest);
    }

    press(event) {
      const last = this.spec.at.length - 1, now = this.cursor ?? last;
      const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, PageDown: now - 10,
        PageUp: now + 10, Home: 0, End: last, Escape: null }[event.key];
      if (to === undefined || last < 0) return;
      event.preventDefault();
      this.read(to === null ? null : Math.min(Math.max(to, 0), last));
    }

    // Show the values of a moment; with null those of the last one.
    read(place) {
      this.cursor = place;
      const { at, lines } = this.spec;
      const shown = place ?? at.length - 1;
      const values = lines.map((line) => [line, line.values[shown]]);
      const told = values.map(([line, value]) => `${line.tag ? `${line.tag} ` : ""}${line.short ?? line.name} ${written(value, this.unit)}`);
      const text = at.length ? `${place === null ? "last, " : ""}${clock(at[shown])}: ${told.join(", ") || "nothing yet"}` : "nothing yet";
      this.reading.textContent = text;
      for (const [name, value] of [["min", 0], ["max", Math.max(at.length - 1, 0)], ["now", Math.max(shown, 0)], ["text", text]]) {
        this.plot.setAttribute(`aria-value${name}`, value);
      }
      if (!this.mark) return;
      this.mark.replaceChildren();
      if (place === null) return;
      const x = this.x(at[place]);
      this.mark.append(element("line", { class: "cursor", x1: x, x2: x, y1: TOP, y2: this.height - BOTTOM }));
      for (const [line, value] of values) {
        if (known(value)) this.mark.append(element("circle", { class: line.style, cx: x, cy: this.y(value), r: 3 }));
      }
    }
  }
  return { TimeChart, written, make };
})();
