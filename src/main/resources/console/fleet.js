// All workspaces of the installation, those that are stopped first, and the switch that stops all of them.
import { Component, html } from "./html.js";
import { isPassing } from "./api.js";
import { now, onWaking } from "./clock.js";
import { Dialog, Field, ReasonField } from "./dialog.js";
import { count, counted, time, usdShort } from "./format.js";
import { RowWindow } from "./rows.js";
import { OutageBanner } from "./status.js";
import { Backoff } from "./stream.js";

const ALL_EVERY = 30_000;
const KILLED_EVERY = 3_000;
const GRACE = 3_000;

const STOP_WORDS = "stop everything";
const GO_WORDS = "go on";

const amount = number => (number === undefined ? "–" : usdShort(number));
const share = item =>
  item.spent_usd === undefined || item.daily_budget_usd === null
    ? -1
    : item.daily_budget_usd === 0
      ? 1
      : (item.spent_usd + (item.reserved_usd ?? 0)) / item.daily_budget_usd;
const stateOf = item => (item.archived ? "archived" : item.kill_switch ? "stopped" : "on");

/** Each column: its text, and what it is sorted by; the first look at amounts is for the largest. */
const COLUMNS = [
  { name: "state", label: "State", text: stateOf, by: stateOf, tone: stateOf },
  { name: "called", label: "Workspace", text: item => item.name, by: item => item.name.toLowerCase(), isName: true },
  { name: "where", label: "Resource", text: item => item.place, by: item => item.place },
  { name: "plan", label: "Plan", text: item => item.plan, by: item => item.plan },
  { name: "spent", label: "Today", text: item => amount(item.spent_usd), by: item => item.spent_usd ?? -1, isNumber: true },
  {
    name: "share",
    label: "Of budget",
    text: item => (share(item) < 0 ? "–" : `${Math.round(share(item) * 100)} %`),
    by: share,
    tone: item => (share(item) >= 1 ? "full" : share(item) >= 0.8 ? "high" : ""),
    isNumber: true,
  },
  { name: "month", label: "Month", text: item => amount(item.month_spent_usd), by: item => item.month_spent_usd ?? -1, isNumber: true },
  {
    name: "runs",
    label: "Runs",
    text: item => `${item.active_runs === undefined ? "–" : count(item.active_runs)} of ${count(item.max_concurrent_runs)}`,
    by: item => item.active_runs ?? -1,
    isNumber: true,
  },
];

/** Where one was before a workspace was opened. */
const kept = { sort: "spent", descending: true, filter: "", scroll: 0 };

export class FleetView extends Component {
  constructor() {
    super();
    this.state = { loaded: false, sort: kept.sort, descending: kept.descending, filter: kept.filter, asks: null, reason: "", words: "" };
    this.items = new Map();
    this.parts = {};
    for (const part of ["viewport", "body"]) {
      this.parts[part] = element => {
        this[part] = element;
      };
    }
  }

  componentDidMount() {
    this.end = new AbortController();
    this.window = new RowWindow(this.viewport, this.body, COLUMNS, item => `#/workspaces/${encodeURIComponent(item.id)}`);
    this.stopWaking = onWaking(() => this.skipWait?.());
    this.attend();
    document.title = "Workspaces – Workspace Operator";
    this.props.shown();
  }

  componentWillUnmount() {
    kept.scroll = this.viewport.scrollTop;
    this.end.abort();
    this.skipWait?.();
    this.stopWaking();
    this.window.close();
  }

  async attend() {
    const backoff = new Backoff(1_000, 15_000);
    let allAt = -Infinity;
    while (!this.end.signal.aborted) {
      let pause = KILLED_EVERY;
      try {
        if (performance.now() - allAt >= ALL_EVERY) {
          await this.loadAll();
          allAt = performance.now();
        } else {
          await this.loadKilled();
        }
        backoff.reset();
        this.failure = null;
        this.asOf = now();
      } catch (failure) {
        if (this.end.signal.aborted || failure.status === 401) {
          return;
        }
        this.failure = { since: this.failure?.since ?? now(), failure };
        pause = isPassing(failure) ? backoff.next() : ALL_EVERY;
        allAt = -Infinity;
      }
      this.forceUpdate();
      await new Promise(resolve => {
        const timer = setTimeout(resolve, pause);
        this.skipWait = () => {
          clearTimeout(timer);
          allAt = -Infinity;
          resolve();
        };
      });
    }
  }

  async pages(query, each) {
    let cursor = null;
    do {
      const next = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await this.props.api.get(`v1/workspaces?limit=500${query}${next}`, this.end.signal);
      each(page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  async loadAll() {
    const found = new Map();
    await this.pages("", items => {
      for (const item of items) {
        this.take(found, item);
        if (!this.state.loaded) {
          this.items.set(item.id, found.get(item.id));
        }
      }
      if (!this.state.loaded) {
        this.order();
      }
    });
    this.items = found;
    this.setState({ loaded: true });
    this.order();
    if (kept.scroll > 0) {
      this.viewport.scrollTop = kept.scroll;
      kept.scroll = 0;
    }
    await this.lookAtPlatform();
  }

  /**
   * Those that are stopped come at once, where the server can tell them apart. Once all are, by the
   * installation's switch, there is nothing to look at but whether that is still on.
   */
  async loadKilled() {
    if (this.knowsNoKilled || (this.areAllKilled() && (await this.lookAtPlatform()))) {
      return;
    }
    const killed = new Map();
    try {
      await this.pages("&killed=true", items => items.forEach(item => this.take(killed, item)));
    } catch (failure) {
      if (failure.status !== 400) {
        throw failure;
      }
      this.knowsNoKilled = true;
      return;
    }
    for (const item of this.items.values()) {
      if (item.kill_switch && !killed.has(item.id)) {
        this.items.set(item.id, { ...item, kill_switch: false });
      }
    }
    killed.forEach((item, id) => this.items.set(id, item));
    this.order();
    await this.lookAtPlatform();
  }

  take(into, item) {
    const place = `${item.namespace}/${item.slug ?? ""}`;
    into.set(item.id, { ...item, place, search: `${item.name}\n${place}\n${item.id}\n${item.cluster}\n${item.plan}`.toLowerCase() });
  }

  /** The installation's latch, which is told with each workspace that it holds; null if it is off. */
  async lookAtPlatform() {
    const killed = this.killed()[0];
    if (!killed) {
      this.setState({ platform: null });
      return null;
    }
    try {
      const settings = await this.props.api.get(`v1/workspaces/${encodeURIComponent(killed.id)}/settings`, this.end.signal);
      const platform = settings.latches.find(latch => latch.source === "Platform") ?? null;
      this.setState({ platform });
      return platform;
    } catch (failure) {
      if (failure.status !== 404 && failure.status !== 403) {
        throw failure;
      }
      return null;
    }
  }

  areAllKilled() {
    return [...this.items.values()].every(item => item.kill_switch || item.archived);
  }

  killed() {
    return [...this.items.values()].filter(item => item.kill_switch && !item.archived);
  }

  /** Stopped ones first, archived ones last, whatever one sorts by. */
  order() {
    const { sort, descending, filter } = this.state;
    const by = COLUMNS.find(column => column.name === sort).by;
    const sought = filter.trim().toLowerCase();
    const rank = item => (item.archived ? 2 : item.kill_switch ? 0 : 1);
    const keyed = [];
    for (const item of this.items.values()) {
      if (sought === "" || item.search.includes(sought)) {
        keyed.push([rank(item), by(item), item.search, item]);
      }
    }
    const sign = descending ? -1 : 1;
    keyed.sort(
      (one, other) =>
        one[0] - other[0] ||
        (one[1] < other[1] ? -sign : one[1] > other[1] ? sign : one[2] < other[2] ? -1 : 1),
    );
    this.shown = keyed.length;
    this.window.show(keyed.map(entry => entry[3]));
    this.forceUpdate();
  }

  sortBy(column) {
    const descending = this.state.sort === column.name ? !this.state.descending : Boolean(column.isNumber);
    Object.assign(kept, { sort: column.name, descending });
    this.setState({ sort: column.name, descending }, () => this.order());
  }

  filterBy(filter) {
    kept.filter = filter;
    this.setState({ filter }, () => {
      this.viewport.scrollTop = 0;
      this.order();
    });
  }

  async switchPlatform(active) {
    const reason = this.state.reason.trim();
    const latch = await this.props.api.post("v1/platform/kill-switch", reason === "" ? { active } : { active, reason });
    this.setState({ platform: latch.active ? { source: "Platform", since: latch.since, reason: latch.reason } : null });
    this.props.announce(active ? "The whole installation is stopped." : "The whole installation goes on.");
    this.skipWait?.();
  }

  renderDialog({ config }, { asks, reason, words, platform }) {
    const stops = asks === "stop";
    const needed = stops ? STOP_WORDS : GO_WORDS;
    const runs = [...this.items.values()].reduce((sum, item) => sum + (item.active_runs ?? 0), 0);
    const isReady = words.trim().toLowerCase() === needed && (!stops || reason.trim() !== "");
    return html`
      <${Dialog}
        title=${stops ? "Stop the whole installation?" : "Let the whole installation go on?"}
        action=${stops ? "Stop all workspaces now" : "Go on"}
        isDangerous=${stops}
        isReady=${isReady}
        submit=${() => this.switchPlatform(stops)}
        close=${() => this.setState({ asks: null })}
      >
        <p>
          ${stops
            ? `This stops ${counted(this.items.size, "workspace")} with ${counted(runs, "run")}, at the next step of each; nothing starts until it is released.`
            : "Workspaces that were stopped by others stay stopped."}
        </p>
        <${ReasonField} id="platform-reason" isRequired=${stops} max=${config.reason_length_max} value=${reason} onInput=${text => this.setState({ reason: text })} />
        <${Field} id="words" label=${`Type: ${needed}`}>
          <input id="words" autocomplete="off" spellcheck=${false} value=${words} onInput=${event => this.setState({ words: event.target.value })} />
        <//>
      <//>
    `;
  }

  render(props, state) {
    const { loaded, sort, descending, filter, asks, platform } = state;
    const outage = this.failure && now() - this.failure.since > GRACE ? this.failure : null;
    const killed = this.killed().length;
    const spent = [...this.items.values()].reduce((sum, item) => sum + (item.spent_usd ?? 0), 0);
    const ask = question => this.setState({ asks: question, reason: "", words: "" });
    return html`
      <main class=${`page fleet ${outage ? "stale" : ""}`} id="main" aria-busy=${!loaded}>
        <${OutageBanner} outage=${outage} asOf=${this.asOf ?? null} />
        <div role="alert" class="live-region">
          ${platform &&
          html`
            <div class="banner killed">
              <h2>The whole installation is stopped</h2>
              <p>Since <time datetime=${platform.since}>${time(platform.since)}</time>: ${platform.reason ? html`<q>${platform.reason}</q>` : "no reason was given"}</p>
            </div>
          `}
        </div>
        <div class="title">
          <div>
            <h1 tabindex="-1">Workspaces</h1>
            <p role="status" class="quiet">
              ${loaded ? counted(this.items.size, "workspace") : `${count(this.items.size)} so far …`}, ${count(killed)} stopped, ${usdShort(spent)} spent today
              ${filter.trim() !== "" && ` · ${count(this.shown ?? 0)} shown`}
            </p>
          </div>
          <div class="switch">
            ${platform
              ? html`<button type="button" class="primary" onClick=${() => ask("go")}>Let the installation go on</button>`
              : html`<button type="button" class="danger" onClick=${() => ask("stop")}>Stop the installation</button>`}
            ${!platform && killed > 0 && html`<button type="button" onClick=${() => ask("go")}>Let it go on</button>`}
          </div>
        </div>
        <div class="field filter">
          <label for="filter">Filter</label>
          <input id="filter" type="search" spellcheck=${false} value=${filter} placeholder="Name, namespace, plan, id" onInput=${event => this.filterBy(event.target.value)} />
        </div>
        <div class="viewport" role="region" aria-label="All workspaces" tabindex="0" ref=${this.parts.viewport}>
          <div class="rows" role="table" aria-label="Workspaces" aria-rowcount=${(this.shown ?? 0) + 1}>
            <div role="rowgroup" class="head">
              <div class="row" role="row" aria-rowindex="1">
                ${COLUMNS.map(
                  column => html`
                    <div key=${column.name} class=${`cell ${column.name}`} role="columnheader" aria-sort=${sort === column.name ? (descending ? "descending" : "ascending") : "none"}>
                      <button type="button" class="sort" onClick=${() => this.sortBy(column)}>${column.label}<span aria-hidden="true">${sort === column.name ? (descending ? " ↓" : " ↑") : ""}</span></button>
                    </div>
                  `,
                )}
              </div>
            </div>
            <div role="rowgroup" class="body" ref=${this.parts.body}></div>
          </div>
        </div>
        ${asks && this.renderDialog(props, state)}
      </main>
    `;
  }
}
