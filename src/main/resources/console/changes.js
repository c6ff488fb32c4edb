// The last changes, from the audit log.
import { html } from "./html.js";
import { time, value } from "./format.js";
import { Refused, Scroll } from "./status.js";

export function Changes({ feed }) {
  const { audit } = feed.parts;
  return html`
    <section class="card wide" aria-labelledby="changes">
      <h2 id="changes">Last changes</h2>
      ${feed.refused.audit && html`<${Refused} failure=${feed.refused.audit} what="changes" />`}
      ${audit?.items.length === 0 && html`<p class="quiet">Nothing was changed yet.</p>`}
      ${audit?.items.length > 0 &&
      html`
        <${Scroll} label="Last changes">
          <table>
            <thead>
              <tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Layer</th><th scope="col">What</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Why</th></tr>
            </thead>
            <tbody>
              ${audit.items.map(
                entry => html`
                  <tr key=${entry.seq}>
                    <td><time datetime=${entry.time}>${time(entry.time)}</time></td>
                    <td class="name">${entry.actor}</td>
                    <td>${entry.layer}</td>
                    <td class="name">${entry.field}</td>
                    <td class="name">${value(entry.before)}</td>
                    <td class="name">${value(entry.after)}</td>
                    <td class="name">${entry.reason ?? ""}</td>
                  </tr>
                `,
              )}
            </tbody>
          </table>
        <//>
      `}
    </section>
  `;
}
