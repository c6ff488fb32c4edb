// What was spent: ninety days, twelve months, and the same for the tools of whoever pays.
import { Component, html } from "./html.js";
import { isPassing } from "./api.js";
import { usd, usdShort } from "./format.js";
import { Refused, Scroll } from "./status.js";
import { Backoff } from "./stream.js";

const DAY = 86_400_000;
const isoDay = millis => new Date(millis).toISOString().slice(0, 10);

/** The first day of the month that is so many months before a day's. */
export function monthStart(day, before) {
  const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() - before);
  return isoDay(date.getTime());
}

/** What can be shown, each up to a day. */
const RANGES = {
  days: { label: "90 days", unit: "day", from: day => isoDay(Date.parse(day) - 89 * DAY) },
  months: { label: "12 months", unit: "month", from: day => monthStart(day, 11) },
};

/** What can be saved. */
const PERIODS = {
  "this-month": { label: "This month", of: day => [monthStart(day, 0), day] },
  "last-month": { label: "Last month", of: day => [monthStart(day, 1), isoDay(Date.parse(monthStart(day, 0)) - DAY)] },
  "12-months": { label: "12 months", of: day => [monthStart(day, 11), day] },
};

export class Usage extends Component {
  constructor() {
    super();
    this.state = { range: "days", items: null, failure: null, period: "this-month", saving: null, charts: null };
    this.backoff = new Backoff(1_000, 15_000);
  }

  componentDidMount() {
    this.look();
  }

  componentDidUpdate(before) {
    // A new day begins.
    if (before.day !== this.props.day) {
      this.look();
    }
  }

  componentWillUnmount() {
    clearTimeout(this.later);
  }

  async look(range = this.state.range) {
    clearTimeout(this.later);
    const { api, feed, day } = this.props;
    const { unit, from } = RANGES[range];
    this.setState({ range });
    try {
      const charts = this.state.charts ?? (await import("./chart.js"));
      const answer = await api.get(`${feed.place.history}?from=${from(day)}&to=${day}&group_by=${unit}&limit=500`);
      // What was asked for last counts, whatever comes last.
      if (this.state.range === range) {
        const bars = answer.items.map(item => ({
          at: Date.parse(item.day ?? `${item.month}-01`) / 1000,
          name: item.day ?? item.month,
          spent: item.spent_usd,
        }));
        this.backoff.reset();
        this.setState({ charts, bars, failure: null });
      }
    } catch (failure) {
      this.setState({ failure });
      // What the browser could not load of the page has no status.
      if (isPassing(failure) || failure.status === undefined) {
        this.later = setTimeout(() => this.look(), this.backoff.next());
      }
    }
  }

  async save(event) {
    event.preventDefault();
    const { api, feed, day, announce } = this.props;
    const [from, to] = PERIODS[this.state.period].of(day);
    this.setState({ saving: "Asking the server …" });
    try {
      const { save } = await import("./chart.js");
      await save(api, `${feed.place.export}?from=${from}&to=${to}`, `usage-${from}-${to}.csv`);
      this.setState({ saving: null });
      announce("The file is saved.");
    } catch (failure) {
      this.setState({ saving: failure.code === "NOT_FOUND" ? "This server has no export." : failure.message });
    }
  }

  render(_, { range, bars, charts, failure, period, saving }) {
    const sum = (bars ?? []).reduce((total, bar) => total + bar.spent, 0);
    const { label, unit } = RANGES[range];
    return html`
      <section class="card wide" aria-labelledby="usage">
        <h2 id="usage">Usage</h2>
        <div class="actions start" role="group" aria-label="Range">
          ${Object.entries(RANGES).map(
            ([name, one]) => html`<button type="button" class="small" aria-pressed=${name === range ? "true" : "false"} onClick=${() => this.look(name)}>${one.label}</button>`,
          )}
        </div>
        ${failure && html`<${Refused} failure=${failure} what="the past" />`}
        ${bars &&
        html`
          <p class="amounts"><strong class="figure">${usdShort(sum)}</strong> in ${label}</p>
          <${charts.Bars} bars=${bars} label=${`Spend of ${label}, by ${unit}: ${usdShort(sum)} in all`} />
          <details>
            <summary>As a table</summary>
            <${Scroll} label=${`Spend of ${label}`}>
              <table>
                <thead><tr><th scope="col">${unit === "day" ? "Day" : "Month"} (UTC)</th><th scope="col" class="number">Spent</th></tr></thead>
                <tbody>
                  ${bars.toReversed().map(bar => html`<tr key=${bar.name}><th scope="row">${bar.name}</th><td class="number">${usd(bar.spent)}</td></tr>`)}
                </tbody>
              </table>
            <//>
          </details>
        `}
        <form class="actions start" onSubmit=${event => this.save(event)}>
          <label for="period">For accounting (FOCUS, CSV)</label>
          <select id="period" onChange=${event => this.setState({ period: event.target.value })}>
            ${Object.entries(PERIODS).map(([name, one]) => html`<option value=${name} selected=${name === period}>${one.label}</option>`)}
          </select>
          <button type="submit" class="small">Download</button>
          <span role="status">${saving}</span>
        </form>
      </section>
    `;
  }
}
