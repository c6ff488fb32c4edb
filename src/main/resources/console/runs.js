// The runs that hold a place, against the cap; one of them can be cancelled.
import { Component, html } from "./html.js";
import { Dialog, ReasonField } from "./dialog.js";
import { age, count, left, usdShort } from "./format.js";
import { Refused, Scroll } from "./status.js";

const SHOWN_MAX = 100;

function Labels({ labels }) {
  const entries = Object.entries(labels ?? {});
  return entries.length === 0
    ? null
    : html`<ul class="labels" aria-label="Labels">${entries.map(([name, text]) => html`<li key=${name}>${name}${text === "" ? "" : `=${text}`}</li>`)}</ul>`;
}

export class Runs extends Component {
  constructor() {
    super();
    this.state = { asks: null, reason: "" };
  }

  async cancel(run) {
    const { api, feed, announce } = this.props;
    await api.post(`${feed.place.runs}/${run.id}/cancel`, { reason: this.state.reason.trim() });
    announce("The run is cancelled.");
    feed.want(["runs", "usage", "audit"]);
  }

  render({ feed, config }, { asks, reason }) {
    const { runs, usage } = feed.parts;
    const shown = runs?.items.slice(0, SHOWN_MAX) ?? [];
    return html`
      <section class="card wide" aria-labelledby="runs">
        <h2 id="runs">Active runs</h2>
        <p class="amounts">
          <strong class="figure">${count(usage.active_runs)}</strong> of ${count(usage.max_concurrent_runs)}
          ${usage.active_runs >= usage.max_concurrent_runs && html`<strong class="bad"> · the cap is reached</strong>`}
        </p>
        ${feed.refused.runs && html`<${Refused} failure=${feed.refused.runs} what="runs" />`}
        ${shown.length > 0 &&
        html`
          <${Scroll} label="Active runs">
            <table>
              <thead>
                <tr>
                  <th scope="col">User</th><th scope="col">Age</th><th scope="col" class="number">Spent</th>
                  <th scope="col" class="number">Reserved</th><th scope="col">Lease</th><th scope="col">State</th><th scope="col"><span class="hidden">Cancel</span></th>
                </tr>
              </thead>
              <tbody>
                ${shown.map(
                  run => html`
                    <tr key=${run.id}>
                      <th scope="row"><span class="name">${run.user_id}</span><${Labels} labels=${run.labels} /></th>
                      <td>${age(run.started_at)}</td>
                      <td class="number">${usdShort(run.spent_usd)}</td>
                      <td class="number">${usdShort(run.reserved_usd)}</td>
                      <td>${left(run.lease_expires_at)}</td>
                      <td>${run.blocked ? html`<span class="bad">${run.blocked}</span>` : "running"}</td>
                      <td>
                        <button type="button" class="small" onClick=${() => this.setState({ asks: run, reason: "" })}>
                          Cancel<span class="hidden"> the run of ${run.user_id}</span>
                        </button>
                      </td>
                    </tr>
                  `,
                )}
              </tbody>
            </table>
          <//>
        `}
        ${usage.active_runs > shown.length && shown.length > 0 && html`<p class="quiet">The ${count(shown.length)} newest of ${count(usage.active_runs)}.</p>`}
        ${asks &&
        html`
          <${Dialog}
            title="Cancel this run?"
            action="Cancel the run"
            isDangerous
            isReady=${reason.trim() !== ""}
            submit=${() => this.cancel(asks)}
            close=${() => this.setState({ asks: null })}
          >
            <p>Run <code>${asks.id}</code> of <span class="name">${asks.user_id}</span> ends at once; its next step is refused.</p>
            <${ReasonField} id="cancel-reason" isRequired max=${config.reason_length_max} value=${reason} onInput=${text => this.setState({ reason: text })} />
          <//>
        `}
      </section>
    `;
  }
}
