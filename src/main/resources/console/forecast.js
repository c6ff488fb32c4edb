// When a budget is used up if it goes on like this. Pure: the time comes in.

const RECENT = 15 * 60_000;
const ENOUGH = 60_000;

/**
 * At the pace of the last quarter of an hour, or of the whole period while less than a minute was seen of it.
 *
 * @param spent and reserved, and the budget, in US dollars
 * @param samples {at, spent}, oldest first, of this period
 * @param start and end of the period, and now, in milliseconds
 * @returns "unlimited", "used", "lasts", or the time
 */
export function usedUpAt({ budget, spent, reserved, samples, start, end, now }) {
  if (budget === null) {
    return "unlimited";
  }
  if (spent + reserved >= budget) {
    return "used";
  }
  const recent = samples.filter(sample => sample.at >= now - RECENT);
  const first = recent[0];
  const seen = first ? now - first.at : 0;
  const pace = seen >= ENOUGH ? (spent - first.spent) / seen : spent / Math.max(1, now - start);
  if (pace <= 0) {
    return "lasts";
  }
  const at = now + (budget - spent) / pace;
  return at < end ? at : "lasts";
}
