// The server's time. The browser's clock may be wrong by a day, and is asked only for how much time goes by.

let low = -Infinity;
let high = Infinity;

/**
 * An answer has told the time, to the second, as it was at some moment between the two given. What contradicts what
 * was known before counts alone: the machine was asleep, or somebody has set the server's clock.
 */
export function heardTime(dateHeader, askedAt, answeredAt) {
  const told = Date.parse(dateHeader ?? "");
  if (Number.isNaN(told)) {
    return;
  }
  const lowNow = told - answeredAt;
  const highNow = told + 1000 - askedAt;
  low = Math.max(low, lowNow);
  high = Math.min(high, highNow);
  if (low > high) {
    low = lowNow;
    high = highNow;
  }
}

/** The server's time in milliseconds since 1970; the browser's while no server has answered. */
export function now() {
  return Number.isFinite(low) ? performance.now() + (low + high) / 2 : Date.now();
}

/** Calls back when a timer was late by more than it can be on a machine that is awake, and gives what stops that. */
export function onWaking(wake) {
  const period = 1000;
  const late = 10_000;
  let last = Date.now();
  const tick = () => {
    const gone = Date.now() - last;
    last = Date.now();
    // A page that nobody looks at has its timers slowed down, which is no sleep.
    if (gone > period + late && !document.hidden) {
      wake();
    }
  };
  const timer = setInterval(tick, period);
  const back = () => {
    last = Date.now();
    if (!document.hidden) {
      wake();
    }
  };
  const online = () => wake();
  document.addEventListener("visibilitychange", back);
  document.addEventListener("resume", back);
  window.addEventListener("online", online);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", back);
    document.removeEventListener("resume", back);
    window.removeEventListener("online", online);
  };
}
