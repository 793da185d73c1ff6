// The two charts, drawn by uPlot from the numbers that the server wrote beside them.

const CLASSES = ["2xx", "3xx", "4xx", "5xx"];
const PERCENTILES = ["p50", "p95", "p99"];
const HEIGHT = 150;
const drawn = new Map();

export function drawCharts() {
  draw("chart-status", "legend-status", statusChart);
  draw("chart-latency", "legend-latency", latencyChart);
}

function draw(id, legend, chartOf) {
  const place = document.getElementById(id);
  if (!place || !globalThis.uPlot) return;
  const width = place.clientWidth;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const state = `${width} ${dark} ${place.dataset.series}`;
  const last = drawn.get(place);
  if (!width || last?.chart.select.width) return; // nobody's range is taken from under their hand
  const pointer = last && { left: last.chart.cursor.left, top: last.chart.cursor.top };
  if (last?.state !== state) drawAnew(place, document.getElementById(legend), chartOf, state);
  if (pointer?.left >= 0) drawn.get(place)?.chart.setCursor(pointer); // the server's legend is empty
}

function drawAnew(place, legend, chartOf, state) {
  drawn.get(place)?.chart.destroy();
  drawn.delete(place);
  const series = JSON.parse(place.dataset.series);
  if (!series.times.length) return;
  const { options, values } = chartOf(series, legend);
  const chart = new uPlot({ ...options, width: place.clientWidth, height: HEIGHT }, values, place);
  drawn.set(place, { chart, state });
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function common(series, legend, formatted) {
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--grid"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const show = (chart) => {
    for (const output of legend.querySelectorAll("output")) {
      const index = chart.cursor.idx;
      const value = index == null ? null : series[output.dataset.of][index];
      output.textContent = value == null ? "" : formatted(value);
    }
  };
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false, dist: 4 }, points: { show: false } },
    padding: [8, 16, 0, 0],
    scales: { x: { time: true, range: (_, least, most) => [least - series.width / 2, most + series.width / 2] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 70, values: (_, splits, __, ___, step) => splits.map((split) => moment(split, step)) },
      { ...axis, size: 52, space: 30, values: (_, splits) => splits.map((split) => (split === null ? "" : formatted(split))) },
    ],
    hooks: { setCursor: [show], setSelect: [choose] },
  };
}

// Dragging over a chart chooses a range of time: the page takes it from here, whole buckets of it.
function choose(chart) {
  const { left, width } = chart.select;
  if (!width) return;
  const [from, to] = [left, left + width].map((at) => Math.round(chart.posToVal(at, "x") * 1000));
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  document.dispatchEvent(new CustomEvent("range-chosen", { detail: { from, to } }));
}

function statusChart(series, legend) {
  const stacked = [];
  series.times.forEach((_, index) => {
    let sum = 0;
    CLASSES.forEach((name, row) => ((stacked[row] ??= [])[index] = sum += series[name][index]));
  });
  const bars = uPlot.paths.bars({ size: [0.7, 40] });
  const options = common(series, legend, count);
  options.scales.y = { range: (_, __, most) => [0, Math.max(most * 1.1, 4)] };
  options.axes[1].incrs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5];
  // the tallest of the stack is drawn first, the others over its foot
  const order = [...CLASSES.keys()].reverse();
  options.series = [{}, ...order.map((row) => ({ paths: bars, points: { show: false }, width: 0, fill: colour(`--s${CLASSES[row][0]}-fill`) }))];
  return { options, values: [series.times, ...order.map((row) => stacked[row])] };
}

function latencyChart(series, legend) {
  const options = common(series, legend, duration);
  options.scales.y = { range: (_, __, most) => [0, Math.max((most ?? 0) * 1.1, 1)] };
  // A bucket without calls is a gap in the line; one that stands alone between two gaps is a point.
  const alone = (chart, row) => chart.data[row].map((value, at, all) => (value != null && all[at - 1] == null && all[at + 1] == null ? at : -1)).filter((at) => at >= 0);
  const points = (name) => ({ show: true, size: 5, fill: colour(`--${name}-fill`), filter: (chart, row, shown) => (shown === false ? null : alone(chart, row)) });
  options.series = [{}, ...PERCENTILES.map((name) => ({ stroke: colour(`--${name}-fill`), width: 1.75, spanGaps: false, points: points(name) }))];
  return { options, values: [series.times, ...PERCENTILES.map((name) => series[name])] };
}

function moment(seconds, step) {
  const parts = step >= 86400 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (step < 60) parts.second = "2-digit";
  return new Date(seconds * 1000).toLocaleString("en-GB", parts);
}

function count(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 1, notation: value >= 1e4 ? "compact" : "standard" });
}

function duration(milliseconds) {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toLocaleString("en", { maximumFractionDigits: 2 })} s`;
  return `${milliseconds.toLocaleString("en", { maximumFractionDigits: milliseconds < 10 ? 1 : 0 })} ms`;
}
