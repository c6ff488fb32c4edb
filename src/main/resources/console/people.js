// Who spends most today.
import { html } from "./html.js";
import { usdShort } from "./format.js";
import { Refused } from "./status.js";

export function People({ feed }) {
  const { users, settings } = feed.parts;
  const budget = settings.user_daily_budget_usd.value;
  const most = Math.max(0.000001, budget ?? 0, ...(users ?? []).map(user => user.spent_usd + user.reserved_usd));
  return html`
    <section class="card" aria-labelledby="people">
      <h2 id="people">Users, the dearest first</h2>
      ${feed.refused.users && html`<${Refused} failure=${feed.refused.users} what="users" />`}
      ${users?.length === 0 && html`<p class="quiet">Nobody has spent anything today.</p>`}
      <ol class="people">
        ${(users ?? []).map(
          user => html`
            <li key=${user.user_id}>
              <span class="name">${user.user_id}</span>
              <span class="number">${usdShort(user.spent_usd)}${budget !== null && user.spent_usd + user.reserved_usd >= budget ? html` <span class="bad">used up</span>` : ""}</span>
              <span class="bar" aria-hidden="true"><span style=${{ width: `${((user.spent_usd + user.reserved_usd) / most) * 100}%` }}></span></span>
            </li>
          `,
        )}
      </ol>
      <p class="quiet">${budget === null ? "No budget for each user." : `Each may spend ${usdShort(budget)} a day.`}</p>
    </section>
  `;
}
