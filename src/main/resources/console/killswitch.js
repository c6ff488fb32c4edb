// The kill switch of a workspace: who holds it, what it stops, and both ways.
import { Component, html } from "./html.js";
import { Dialog, ReasonField } from "./dialog.js";
import { age, counted, time } from "./format.js";

/** Who has engaged a latch, as far as the changes shown tell. */
export function holder(latch, audit) {
  const entry = (audit?.items ?? []).find(
    one => one.field === "kill_switch" && one.layer === latch.source && one.after === true,
  );
  return entry?.actor ?? null;
}

const HOLDERS = { Declared: "The manifest", Runtime: "The API", Platform: "An administrator, for the whole installation" };

export function KillBanner({ settings, audit }) {
  const latches = settings?.latches ?? [];
  return html`
    <div role="alert" class="live-region">
      ${latches.length > 0 &&
      html`
        <div class="banner killed">
          <h2>The kill switch is on: nothing starts</h2>
          <ul>
            ${latches.map(latch => {
              const who = holder(latch, audit);
              return html`
                <li key=${latch.source}>
                  ${HOLDERS[latch.source]}${who ? html` (${who})` : ""}, since${" "}
                  <time datetime=${latch.since}>${time(latch.since)}</time>:${" "}
                  ${latch.reason ? html`<q>${latch.reason}</q>` : "no reason was given"}
                </li>
              `;
            })}
          </ul>
        </div>
      `}
    </div>
  `;
}

/** The runs that would be stopped, by user. */
function WhatStops({ runs, refused }) {
  if (!runs) {
    return html`<p class="quiet">${refused ? refused.message : "Asking which runs there are …"}</p>`;
  }
  const byUser = new Map();
  for (const run of runs.items) {
    byUser.set(run.user_id, [...(byUser.get(run.user_id) ?? []), run]);
  }
  const more = runs.next_cursor ? " at least" : "";
  return html`
    <h3>What this stops</h3>
    <p>
      ${runs.items.length === 0
        ? "No run is running. What comes next is refused."
        : `${more} ${counted(runs.items.length, "run")} of ${counted(byUser.size, "user")}, at the next step of each; and what comes next is refused.`.trim()}
    </p>
    ${runs.items.length > 0 &&
    html`
      <ul class="stops" aria-label="Runs that this stops" tabindex="0">
        ${[...byUser].slice(0, 50).map(
          ([user, theirs]) => html`
            <li key=${user}>
              <span class="name">${user}</span>: ${counted(theirs.length, "run")}${" "}
              <span class="quiet">(the oldest for ${age(theirs.at(-1).started_at)})</span>
            </li>
          `,
        )}
        ${byUser.size > 50 && html`<li>and ${counted(byUser.size - 50, "user")} more</li>`}
      </ul>
    `}
  `;
}

export class KillSwitchButton extends Component {
  constructor() {
    super();
    this.state = { asks: null, reason: "" };
  }

  async switchTo(active) {
    const { api, feed, announce } = this.props;
    const reason = this.state.reason.trim();
    await api.post(feed.place.killSwitch, reason === "" ? { active } : { active, reason });
    announce(active ? "The kill switch is on." : "The kill switch is released.");
    feed.want(["workspace", "settings", "audit", "runs", "usage"]);
  }

  open(asks) {
    this.setState({ asks, reason: "" });
    this.props.feed.want(["runs"]);
  }

  render({ feed, config }, { asks, reason }) {
    const { settings, runs } = feed.parts;
    const latches = settings?.latches ?? [];
    const isHeld = latches.some(latch => latch.source === "Runtime");
    const others = latches.filter(latch => latch.source !== "Runtime");
    // The plan says what a workspace may do by itself, and not what whoever runs the installation may.
    const isEntitled =
      !feed.place.isChangeable ||
      config.plans.indexOf(settings?.plan) >= config.plans.indexOf(config.kill_switch.required_plan);
    const close = () => this.setState({ asks: null });
    const field = isRequired => html`
      <${ReasonField}
        id="kill-reason"
        value=${reason}
        isRequired=${isRequired}
        max=${config.reason_length_max}
        hint="Whoever is refused gets to read it."
        onInput=${text => this.setState({ reason: text })}
      />
    `;
    return html`
      ${isHeld
        ? html`<button type="button" class="primary" onClick=${() => this.open("release")}>Release the kill switch</button>`
        : html`
            <button type="button" class="danger" disabled=${!isEntitled} aria-describedby="kill-note" onClick=${() => this.open("engage")}>
              Kill switch
            </button>
          `}
      <p id="kill-note" class="note">
        ${settings && !isEntitled && !isHeld && `Needs plan ${config.kill_switch.required_plan}.`}
        ${others.some(latch => latch.source === "Declared") &&
        html`
          The manifest holds it: set <code>spec.${config.kill_switch.spec_name}</code> to <code>false</code> in
          Workspace ${settings.kill_switch.declared_by ?? "of this name"}.
        `}
        ${others.some(latch => latch.source === "Platform") && " The whole installation is stopped; its administrator releases it."}
      </p>
      ${asks === "engage" &&
      html`
        <${Dialog}
          title="Stop this workspace?"
          action="Stop everything now"
          isDangerous
          isReady=${reason.trim() !== ""}
          submit=${() => this.switchTo(true)}
          close=${close}
        >
          ${field(true)}
          <${WhatStops} runs=${runs} refused=${feed.refused.runs} />
        <//>
      `}
      ${asks === "release" &&
      html`
        <${Dialog} title="Let this workspace go on?" action="Release" submit=${() => this.switchTo(false)} close=${close}>
          ${field(false)}
          ${others.length > 0 && html`<p>It stays stopped until the others release it too.</p>`}
        <//>
      `}
    `;
  }
}
