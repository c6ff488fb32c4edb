// One workspace: all that on-call looks at, on one page.
import { Component, html } from "./html.js";
import { placeOf, ownPlace } from "./api.js";
import { Budgets } from "./budget.js";
import { Changes } from "./changes.js";
import { Feed } from "./feed.js";
import { KillBanner, KillSwitchButton } from "./killswitch.js";
import { People } from "./people.js";
import { Runs } from "./runs.js";
import { Settings } from "./settings.js";
import { ModeLabel, OutageBanner } from "./status.js";
import { Usage } from "./usage.js";

export class WorkspaceView extends Component {
  constructor() {
    super();
    this.element = null;
    this.hold = element => {
      this.element = element;
    };
  }

  componentDidMount() {
    const { api, id } = this.props;
    this.feed = new Feed(api, id ? placeOf(id) : ownPlace(), () => this.soon());
    // Ages, leases and forecasts go on by themselves.
    this.ticks = setInterval(() => this.soon(), 1000);
    this.feed.start();
    this.soon();
  }

  componentWillUnmount() {
    this.feed.stop();
    clearInterval(this.ticks);
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
  }

  /** Several changes at once are one new picture. A page that nobody sees has no frames, and its title counts all the same. */
  soon() {
    if (document.hidden) {
      this.forceUpdate();
    } else {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = undefined;
        this.forceUpdate();
      });
    }
  }

  componentDidUpdate() {
    const { workspace, settings, usage } = this.feed?.parts ?? {};
    if (workspace) {
      document.title = `${workspace.kill_switch ? "STOPPED: " : ""}${workspace.name} – Workspace Operator`;
      // The heading of a page that is not whole yet is another one.
      if (settings && usage && !this.hasFocused) {
        this.hasFocused = true;
        this.props.shown();
      }
    }
  }

  render({ api, config, announce }) {
    const feed = this.feed;
    const { workspace, settings, usage } = feed?.parts ?? {};
    const outage = feed?.outage ?? null;
    const refused = feed && (feed.refused.workspace ?? feed.refused.settings ?? feed.refused.usage);
    if (!workspace || !settings || !usage) {
      return html`
        <main class="page" id="main" aria-busy=${!refused}>
          <h1 tabindex="-1">${workspace?.name ?? "Workspace"}</h1>
          <${OutageBanner} outage=${outage} asOf=${feed?.asOf ?? null} />
          <p role="status">${refused ? refused.message : outage ? "" : "Asking the server …"}</p>
        </main>
      `;
    }
    const common = { api, feed, config, announce };
    return html`
      <main class=${`page ${outage ? "stale" : ""}`} id="main" data-live=${feed.mode}>
        <${OutageBanner} outage=${outage} asOf=${feed.asOf} />
        <${KillBanner} settings=${settings} audit=${feed.parts.audit} />
        <div class="title">
          <div>
            <h1 tabindex="-1">${workspace.name}</h1>
            <p class="quiet">
              <span class="badge">Plan ${settings.plan}</span>${" "}
              ${workspace.slug ? html`<code>${workspace.slug}</code>` : "without a slug"}${" "}
              <code class="id">${workspace.id}</code>${" "}
              <${ModeLabel} mode=${feed.mode} />
            </p>
          </div>
          <div class="switch"><${KillSwitchButton} ...${common} /></div>
        </div>
        <div class="grid">
          <${Budgets} ...${common} />
          <${People} ...${common} />
          <${Runs} ...${common} />
          <${Settings} ...${common} />
          <${Usage} ...${common} day=${usage.day} />
          <${Changes} ...${common} />
        </div>
      </main>
    `;
  }
}
