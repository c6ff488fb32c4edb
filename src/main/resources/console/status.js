// What is told of the page itself: whether it is up to date, and what was done.
import { html } from "./html.js";
import { time } from "./format.js";

/** While nothing new comes. */
export function OutageBanner({ outage, asOf }) {
  return html`
    <div role="alert" class="live-region">
      ${outage &&
      html`
        <p class="banner outage">
          <strong>${outage.failure.status ? "The API has no answer" : "The API does not answer"} since ${time(outage.since)}.</strong>
          ${" "}${asOf === null ? "Nothing is known yet." : `Showing the state of ${time(asOf)}.`}
          ${" "}${outage.failure.status ? outage.failure.message : "It is tried again and again."}
        </p>
      `}
    </div>
  `;
}

const MODES = { live: "Live", asking: "Every 2 seconds", reconnecting: "Connecting …" };

export const ModeLabel = ({ mode }) => html`<span class=${`mode ${mode}`}>${MODES[mode]}</span>`;

/** A part that the server does not tell this credential. */
export function Refused({ failure, what }) {
  const reason =
    failure.code === "NOT_FOUND" ? `This server does not tell ${what}.` : failure.message;
  return html`<p class="quiet">${reason}</p>`;
}

/** A table that scrolls by itself where there is no room, by keyboard too. */
export function Scroll({ label, children }) {
  return html`<div class="scroll" role="region" aria-label=${`${label}: table`} tabindex="0">${children}</div>`;
}
