// How amounts, times and durations are written. Times are UTC, as the books' days are.
import { now } from "./clock.js";

const exact = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  minimumFractionDigits: 2,
  maximumFractionDigits: 6,
});
const cents = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const counts = new Intl.NumberFormat("en-US");

/** US dollars, to the last decimal; null is unlimited. */
export const usd = amount => (amount === null ? "unlimited" : exact.format(amount));

/** US dollars at a glance: what is less than one is exact, what is more is rounded to cents. */
export const usdShort = amount =>
  amount === null ? "unlimited" : Math.abs(amount) < 1 ? exact.format(amount) : cents.format(amount);

export const count = number => counts.format(number);

/** "1 run", "2 runs". */
export const counted = (number, one, many = one + "s") => `${count(number)} ${number === 1 ? one : many}`;

const millis = time => (typeof time === "number" ? time : Date.parse(time));
const iso = time => new Date(millis(time)).toISOString();

/** Today's times without their day. */
export function time(when) {
  const text = iso(when);
  return text.slice(0, 10) === iso(now()).slice(0, 10)
    ? `${text.slice(11, 19)} UTC`
    : `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

/** Hours and minutes. */
export const clockTime = when => `${iso(when).slice(11, 16)} UTC`;

/** The two largest units of a duration. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) {
    return "0 s";
  }
  const parts = [];
  let rest = seconds;
  for (const [size, name] of units.slice(first, first + 2)) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0) {
      parts.push(`${whole} ${name}`);
    }
  }
  return parts.join(" ");
}

/** How long ago. */
export const age = when => duration(now() - millis(when));

/** How long it still is. */
export const left = when => duration(millis(when) - now());

/** A value of any type in the audit log. */
export function value(any) {
  if (any === null || any === undefined) {
    return "nothing";
  }
  return typeof any === "object" ? JSON.stringify(any) : String(any);
}

/** What a setting holds. */
export function settingValue(setting, held) {
  return setting.type === "money" ? usd(held) : setting.type === "count" ? count(held) : String(held);
}

const WORDS = { usd: "", max: "most" };

/** "daily_budget_usd" as people say it. */
export function fieldLabel(field) {
  const words = field
    .split("_")
    .map(word => WORDS[word] ?? word)
    .filter(word => word !== "")
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
