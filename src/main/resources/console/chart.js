// Bars over time. The library is loaded once a chart is looked at.
import { Component, html } from "./html.js";
import { usdShort } from "./format.js";

const MODULE = new URL("./lib/uplot.js", import.meta.url);
const SHEET = new URL("./lib/uplot.css", import.meta.url);

let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = SHEET.href;
    document.head.append(link);
    import(MODULE.href).then(module => resolve(module.default), reject);
  });
  return loading;
}

const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Shows {at, spent} with at in seconds; said in words by its table. */
export class Bars extends Component {
  constructor() {
    super();
    this.holder = null;
    this.hold = element => {
      this.holder = element;
    };
    this.theme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
  }

  componentDidMount() {
    this.theme.addEventListener("change", this.redraw);
    this.watch = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (this.plot && width > 0 && width !== this.plot.width) {
        this.plot.setSize({ width, height: 200 });
      }
    });
    this.watch.observe(this.holder);
    this.draw();
  }

  componentDidUpdate(before) {
    if (before.bars !== this.props.bars) {
      this.draw();
    }
  }

  componentWillUnmount() {
    this.theme.removeEventListener("change", this.redraw);
    this.watch.disconnect();
    this.plot?.destroy();
    this.isGone = true;
  }

  async draw() {
    const UPlot = await load();
    if (this.isGone) {
      return;
    }
    this.plot?.destroy();
    const axis = { stroke: color("--text-quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false } };
    const options = {
      width: Math.max(200, Math.floor(this.holder.clientWidth)),
      height: 200,
      legend: { show: false },
      cursor: { show: false },
      tzDate: seconds => UPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.1, 0.01)] } },
      axes: [axis, { ...axis, size: 70, values: (_, ticks) => ticks.map(usdShort) }],
      series: [
        {},
        { label: "spent", stroke: color("--accent"), fill: color("--accent"), paths: UPlot.paths.bars({ size: [0.7, 48] }), points: { show: false } },
      ],
    };
    const { bars } = this.props;
    this.plot = new UPlot(options, [bars.map(bar => bar.at), bars.map(bar => bar.spent)], this.holder);
  }

  render({ label }) {
    return html`<div class="chart" role="img" aria-label=${label} ref=${this.hold}></div>`;
  }
}

/** Saves what a path answers as a file. */
export async function save(api, path, name) {
  const response = await api.send("GET", path, { headers: { Accept: "text/csv" } });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
