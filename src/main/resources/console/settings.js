// Each setting: its value, where that is from, and why it cannot be changed here, or how.
import { Component, html } from "./html.js";
import { Dialog, Field, ReasonField } from "./dialog.js";
import { effectName } from "./api.js";
import { now } from "./clock.js";
import { clockTime, fieldLabel, left, settingValue, time } from "./format.js";
import { Refused, Scroll } from "./status.js";

const HOURS = [0.25, 1, 2, 4, 8, 12, 24];

/** A day less what clocks and ways may differ, as the server takes a day at most. */
const DAY_MAX = 24 * 3_600_000 - 30_000;

/** Where a value is from. */
export function sourceOf(held, plan) {
  switch (held.source) {
    case "Declared":
      return held.declared_by ? `Declared by ${held.declared_by}` : "Declared by a manifest that is gone";
    case "Runtime":
      return "Set at run time";
    case "Override":
      return `Override until ${time(held.until)}, for ${left(held.until)}`;
    case "PlanDefault":
      return `Default of plan ${plan}`;
    case "Platform":
      return "The whole installation";
    default:
      return "Default";
  }
}

const PLAN_NOTES = {
  kept: (plan, needed) => `Above plan ${plan}, and still in force since it limits; a change needs plan ${needed}.`,
  asleep: (plan, needed) => `What was set is asleep on plan ${plan}, and back with plan ${needed}.`,
  not_in_force: (plan, needed) => `What the manifest declares is not in force on plan ${plan}: it needs plan ${needed}.`,
};

/** Why a setting cannot be changed here; empty if it can. */
export function locks(setting, held, settings, plans) {
  const found = [];
  if (held.declared_by) {
    found.push({
      kind: "declared",
      text: `Locked, since the manifest declares it. Change spec.${setting.spec_name} in Workspace ${held.declared_by}.`,
    });
  }
  const notes = Object.keys(PLAN_NOTES).flatMap(kind =>
    settings.plan_limits[kind]
      .filter(limit => limit.field === setting.field)
      .map(limit => PLAN_NOTES[kind](settings.plan, limit.required_plan)),
  );
  if (notes.length > 0) {
    found.push({ kind: "plan", text: notes.join(" ") });
  } else if (plans.indexOf(settings.plan) < plans.indexOf(setting.required_plan)) {
    found.push({ kind: "plan", text: `Needs plan ${setting.required_plan}.` });
  }
  return found;
}

/** What was typed, as the API takes it; undefined if it is no such value. */
export function parseValue(setting, text) {
  const typed = text.trim();
  if (setting.type === "text") {
    return typed === "" ? undefined : typed;
  }
  const form = setting.type === "money" ? /^\d{1,10}(\.\d{1,6})?$/ : /^\d{1,7}$/;
  const most = setting.type === "money" ? 1e9 : setting.max;
  return form.test(typed) && Number(typed) <= most ? Number(typed) : undefined;
}

function ValueField({ setting, value, onInput }) {
  const hint = { money: "US dollars, such as 25.50", count: `A whole number up to ${setting.max}`, text: `At most ${setting.max} characters` };
  return html`
    <${Field} id="value" label=${fieldLabel(setting.field)} hint=${hint[setting.type]}>
      <input
        id="value"
        inputmode=${setting.type === "text" ? "text" : "decimal"}
        aria-describedby="value-hint"
        aria-invalid=${value !== "" && parseValue(setting, value) === undefined}
        value=${value}
        onInput=${event => onInput(event.target.value)}
      />
    <//>
  `;
}

class ChangeDialog extends Component {
  constructor({ held }) {
    super();
    this.state = { value: held.value === null ? "" : String(held.value), toDefault: false };
  }

  async submit() {
    const { api, feed, setting, announce } = this.props;
    const { value, toDefault } = this.state;
    await api.patch(feed.place.workspace, { [setting.field]: toDefault ? null : parseValue(setting, value) });
    announce(`${fieldLabel(setting.field)} is changed.`);
    feed.want(["workspace", "settings", "audit", "usage"]);
  }

  render({ setting, close }, { value, toDefault }) {
    return html`
      <${Dialog}
        title=${`Change: ${fieldLabel(setting.field)}`}
        action="Change"
        isReady=${toDefault || parseValue(setting, value) !== undefined}
        submit=${() => this.submit()}
        close=${close}
      >
        ${!toDefault && html`<${ValueField} setting=${setting} value=${value} onInput=${text => this.setState({ value: text })} />`}
        <label class="check">
          <input type="checkbox" checked=${toDefault} onChange=${event => this.setState({ toDefault: event.target.checked })} />
          Back to the default
        </label>
      <//>
    `;
  }
}

class OverrideDialog extends Component {
  constructor() {
    super();
    this.state = { value: "", unlimited: false, hours: 2, reason: "" };
    this.effect = effectName();
  }

  until() {
    return now() + Math.min(this.state.hours * 3_600_000, DAY_MAX);
  }

  async submit() {
    const { api, feed, setting, announce } = this.props;
    const { value, unlimited, reason } = this.state;
    this.asked ??= new Date(this.until()).toISOString();
    try {
      await api.post(
        feed.place.overrides,
        {
          [setting.field]: unlimited ? null : parseValue(setting, value),
          expires_at: this.asked,
          reason: reason.trim(),
        },
        { "Idempotency-Key": this.effect },
      );
    } catch (failure) {
      if (failure.status) {
        // It has no effect, so that what is sent next is another request.
        this.effect = effectName();
        this.asked = undefined;
      }
      throw failure;
    }
    announce(`The override of ${fieldLabel(setting.field)} is in force.`);
    feed.want(["workspace", "settings", "audit", "overrides", "usage"]);
  }

  render({ setting, config, close }, { value, unlimited, hours, reason }) {
    const isValue = unlimited || parseValue(setting, value) !== undefined;
    return html`
      <${Dialog}
        title=${`Break glass: ${fieldLabel(setting.field)}`}
        action="Put in force"
        isReady=${isValue && reason.trim() !== ""}
        submit=${() => this.submit()}
        close=${close}
      >
        <p>In force whatever manifest and API say. It ends by itself; what is beneath is in force again.</p>
        ${!unlimited && html`<${ValueField} setting=${setting} value=${value} onInput=${text => this.setState({ value: text })} />`}
        ${setting.type === "money" &&
        html`
          <label class="check">
            <input type="checkbox" checked=${unlimited} onChange=${event => this.setState({ unlimited: event.target.checked })} />
            Unlimited
          </label>
        `}
        <${Field} id="hours" label="For" hint=${`Until ${clockTime(this.until())}`}>
          <select id="hours" aria-describedby="hours-hint" onChange=${event => this.setState({ hours: Number(event.target.value) })}>
            ${HOURS.map(
              one => html`<option value=${one} selected=${one === hours}>${one < 1 ? `${one * 60} minutes` : one === 1 ? "1 hour" : `${one} hours`}</option>`,
            )}
          </select>
        <//>
        <${ReasonField}
          id="override-reason"
          isRequired
          max=${config.reason_length_max}
          value=${reason}
          onInput=${text => this.setState({ reason: text })}
        />
      <//>
    `;
  }
}

function OverrideList({ feed, config, ask }) {
  const { overrides } = feed.parts;
  if (feed.refused.overrides) {
    return html`<${Refused} failure=${feed.refused.overrides} what="overrides" />`;
  }
  if (!overrides?.items.length) {
    return null;
  }
  const valueOf = one => {
    const setting = config.settings.find(known => known.field === one.field);
    return setting ? settingValue(setting, one.value) : String(one.value);
  };
  return html`
    <h3>Overrides in force</h3>
    <ul class="plain">
      ${overrides.items.map(
        one => html`
          <li key=${one.id}>
            <strong>${fieldLabel(one.field)}</strong>: ${valueOf(one)} until${" "}
            <time datetime=${one.expires_at}>${time(one.expires_at)}</time>, by <span class="name">${one.created_by}</span>: <q>${one.reason}</q>${" "}
            <button type="button" class="small" onClick=${() => ask({ kind: "end", one })}>End it<span class="hidden">: ${fieldLabel(one.field)}</span></button>
          </li>
        `,
      )}
    </ul>
  `;
}

export class Settings extends Component {
  constructor() {
    super();
    this.state = { asks: null };
  }

  render({ api, feed, config, announce }, { asks }) {
    const { settings } = feed.parts;
    const close = () => this.setState({ asks: null });
    const ask = question => this.setState({ asks: question });
    const held = asks?.setting && settings[asks.setting.field];
    return html`
      <section class="card wide" aria-labelledby="settings">
        <h2 id="settings">Settings</h2>
        <${Scroll} label="Settings">
          <table>
            <thead>
              <tr><th scope="col">Setting</th><th scope="col">In force</th><th scope="col">From</th><th scope="col">Change</th></tr>
            </thead>
            <tbody>
              ${config.settings.map(setting => {
                const one = settings[setting.field];
                const found = locks(setting, one, settings, config.plans);
                const byPlan = found.some(lock => lock.kind === "plan");
                const label = fieldLabel(setting.field);
                return html`
                  <tr key=${setting.field}>
                    <th scope="row">${label}</th>
                    <td class="value">${settingValue(setting, one.value)}</td>
                    <td>${sourceOf(one, settings.plan)}</td>
                    <td>
                      ${found.map(lock => html`<p class=${`lock ${lock.kind}`}>${lock.text}</p>`)}
                      <div class="actions start">
                        ${feed.place.isChangeable &&
                        found.length === 0 &&
                        html`<button type="button" class="small" onClick=${() => ask({ kind: "change", setting })}>Change<span class="hidden"> ${label}</span></button>`}
                        ${setting.overridable &&
                        !byPlan &&
                        html`<button type="button" class="small" onClick=${() => ask({ kind: "override", setting })}>Override<span class="hidden"> ${label}</span></button>`}
                      </div>
                    </td>
                  </tr>
                `;
              })}
            </tbody>
          </table>
        <//>
        <${OverrideList} feed=${feed} config=${config} ask=${ask} />
        ${asks?.kind === "change" &&
        html`<${ChangeDialog} api=${api} feed=${feed} announce=${announce} setting=${asks.setting} held=${held} close=${close} />`}
        ${asks?.kind === "override" &&
        html`<${OverrideDialog} api=${api} feed=${feed} announce=${announce} setting=${asks.setting} config=${config} close=${close} />`}
        ${asks?.kind === "end" &&
        html`
          <${Dialog}
            title=${`End the override of ${fieldLabel(asks.one.field)}?`}
            action="End it"
            submit=${async () => {
              await api.delete(`${feed.place.overrides}/${asks.one.id}`);
              announce("The override has ended.");
              feed.want(["workspace", "settings", "audit", "overrides", "usage"]);
            }}
            close=${close}
          >
            <p>What is beneath it is in force at once.</p>
          <//>
        `}
      </section>
    `;
  }
}
