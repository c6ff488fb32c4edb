// Spend against each budget: a gauge, the line over the day, and when it is used up at this pace.
import { html } from "./html.js";
import { now } from "./clock.js";
import { usedUpAt } from "./forecast.js";
import { clockTime, left, time, usdShort } from "./format.js";

const DAY = 86_400_000;

function Gauge({ label, spent, reserved, budget }) {
  const share = amount => (budget === null ? 0 : budget === 0 ? 1 : Math.min(1, amount / budget));
  const used = share(spent + reserved);
  const percent = Math.round(used * 100);
  const text = `${usdShort(spent)} of ${usdShort(budget)} spent, ${usdShort(reserved)} reserved`;
  return html`
    <div
      class=${`gauge ${budget === null ? "none" : used >= 1 ? "full" : used >= 0.8 ? "high" : ""}`}
      role="meter"
      aria-label=${label}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${percent}
      aria-valuetext=${text}
    >
      <div class="spent" style=${{ width: `${share(spent) * 100}%` }}></div>
      <div class="reserved" style=${{ width: `${(used - share(spent)) * 100}%` }}></div>
    </div>
    <p class="amounts">
      <strong class="figure">${usdShort(spent)}</strong> of ${usdShort(budget)}
      ${reserved > 0 && html`<span class="quiet"> · ${usdShort(reserved)} reserved</span>`}
      ${budget !== null && html`<span class="quiet"> · ${percent} %</span>`}
    </p>
  `;
}

function Forecast({ at, end }) {
  switch (at) {
    case "unlimited":
      return html`<p class="forecast">There is no limit.</p>`;
    case "used":
      return html`<p class="forecast bad">Used up. It begins anew in ${left(end)}, at ${time(end)}.</p>`;
    case "lasts":
      return html`<p class="forecast">At this pace it lasts until ${time(end)}.</p>`;
    default:
      return html`<p class="forecast bad">At this pace used up at ${end - now() > DAY ? time(at) : clockTime(at)}, in ${left(at)}.</p>`;
  }
}

/** The day's spend as far as this page has seen it, and before that what it must have been on average. */
function DayLine({ samples, usage, at }) {
  const end = Date.parse(usage.resets_at);
  const start = end - DAY;
  const budget = usage.daily_budget_usd;
  const top = Math.max(budget ?? 0, usage.spent_usd * 1.25, 0.01);
  const x = when => ((when - start) / DAY) * 600;
  const y = amount => 118 - (amount / top) * 112;
  const seen = [...samples.map(sample => [x(sample.at), y(sample.spent)]), [x(now()), y(usage.spent_usd)]];
  const points = list => list.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
  const first = seen[0];
  return html`
    <figure class="day">
      <svg viewBox="0 0 600 120" preserveAspectRatio="none" role="img" aria-label=${`Spend over the day: ${usdShort(usage.spent_usd)} by ${clockTime(now())}`}>
        ${[6, 12, 18].map(hour => html`<line class="hour" x1=${hour * 25} x2=${hour * 25} y1="0" y2="120" />`)}
        ${budget !== null && html`<line class="budget" x1="0" x2="600" y1=${y(budget)} y2=${y(budget)} />`}
        <polyline class="guess" points=${points([[0, y(0)], first])} />
        <polyline class="seen" points=${points(seen)} />
        ${typeof at === "number" && html`<polyline class="guess" points=${points([seen.at(-1), [x(at), y(budget)]])} />`}
      </svg>
      <figcaption><span>00:00</span><span>06:00</span><span>12:00</span><span>18:00</span><span>24:00 UTC</span></figcaption>
    </figure>
  `;
}

/** One month before a moment that a month begins at. */
function monthBefore(end) {
  const date = new Date(end);
  date.setUTCMonth(date.getUTCMonth() - 1);
  return date.getTime();
}

export function Budgets({ feed }) {
  const { usage } = feed.parts;
  const dayEnd = Date.parse(usage.resets_at);
  const monthEnd = Date.parse(usage.month.resets_at);
  const today = {
    budget: usage.daily_budget_usd,
    spent: usage.spent_usd,
    reserved: usage.reserved_usd,
    samples: feed.samples,
    start: dayEnd - DAY,
    end: dayEnd,
    now: now(),
  };
  const month = {
    budget: usage.month.budget_usd,
    spent: usage.month.spent_usd,
    reserved: usage.month.reserved_usd,
    samples: [],
    start: monthBefore(monthEnd),
    end: monthEnd,
    now: now(),
  };
  const at = usedUpAt(today);
  return html`
    <section class="card" aria-labelledby="today">
      <h2 id="today">Today</h2>
      <${Gauge} label="Spend of today" ...${today} />
      <${Forecast} at=${at} end=${dayEnd} />
      <${DayLine} samples=${feed.samples} usage=${usage} at=${at} />
    </section>
    <section class="card" aria-labelledby="month">
      <h2 id="month">This month</h2>
      <${Gauge} label="Spend of this month" ...${month} />
      <${Forecast} at=${usedUpAt(month)} end=${monthEnd} />
    </section>
  `;
}
