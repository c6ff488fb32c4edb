// What is known of one workspace, kept up to date: by events where there are some, else by asking.
import { isPassing } from "./api.js";
import { now, onWaking } from "./clock.js";
import { Backoff, follow } from "./stream.js";

/** A stream that is cut and comes back within so long is nobody's business. */
const GRACE = 3_000;
const ASK_EVERY = 2_000;
const SAMPLES_MAX = 2_000;

/** Runs renew their leases and users spend without an event of their own. */
const LISTS_EVERY = 10_000;
const LISTS_AT_MOST_EVERY = 1_000;

/** Each part, and where it is from. */
const PARTS = {
  workspace: place => place.workspace,
  settings: place => place.settings,
  usage: place => `${place.usage}?limit=1`,
  runs: place => `${place.runs}?status=running&limit=500`,
  audit: place => `${place.audit}?limit=20`,
  overrides: place => `${place.overrides}?limit=100`,
};
const FIRST = ["workspace", "settings", "usage"];
const OF_A_CHANGE = ["workspace", "settings", "audit", "overrides"];
const OF_SPENDING = ["runs", "users"];

export class Feed {
  /**
   * @param place the paths of the workspace
   * @param changed is called when there is something new to show
   */
  constructor(api, place, changed) {
    this.api = api;
    this.place = place;
    this.changed = changed;
    this.parts = {};
    this.refused = {};
    this.samples = [];
    this.asOf = null;
    this.failures = new Map();
    this.wanted = new Set();
    this.listsAt = -Infinity;
    this.heardAt = -Infinity;
    this.usersFrom = "history";
  }

  start() {
    this.end = new AbortController();
    this.stopWaking = onWaking(() => this.wake());
    this.lists = setInterval(() => this.want(OF_SPENDING), LISTS_EVERY);
    this.want([...FIRST, "runs", "users", "audit", "overrides"]);
    this.attend(this.place.events ? () => this.listen() : () => this.ask(), "live");
    return this;
  }

  stop() {
    this.end.abort();
    this.skipWait?.();
    this.stopWaking();
    clearInterval(this.lists);
    clearTimeout(this.later);
  }

  /** What is known is not up to date since when and why; null if it is. */
  get outage() {
    const oldest = [...this.failures.values()].sort((one, other) => one.since - other.since)[0];
    return oldest && now() - oldest.since > GRACE ? oldest : null;
  }

  /** How changes come. */
  get mode() {
    return this.failures.size > 0 ? "reconnecting" : this.place.events ? "live" : "asking";
  }

  /** The machine was asleep, or is back on a network: what was open may be dead without knowing it. */
  wake() {
    this.connection?.abort();
    this.skipWait?.();
    this.want([...FIRST, ...OF_SPENDING, "audit", "overrides"]);
  }

  /** Does this for ever, with ever longer waits while it fails. */
  async attend(work, name) {
    const backoff = new Backoff(500, 15_000);
    while (!this.end.signal.aborted) {
      const began = performance.now();
      try {
        await work();
      } catch (failure) {
        if (this.end.signal.aborted) {
          return;
        }
        if (failure.status === 401) {
          return;
        }
        this.failed(name, failure);
      }
      if (performance.now() - began > GRACE) {
        backoff.reset();
      } else if (this.heardAt > began) {
        backoff.relent();
      }
      await this.wait(backoff.next());
    }
  }

  wait(milliseconds) {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds);
      this.skipWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async listen() {
    this.connection = new AbortController();
    const signal = AbortSignal.any([this.end.signal, this.connection.signal]);
    try {
      await follow(
        this.api,
        this.place.events,
        signal,
        (name, data) => this.told(name, JSON.parse(data)),
        () => {
          this.heardAt = performance.now();
          this.succeeded("live");
        },
      );
      throw new Error("The stream of changes has ended.");
    } catch (failure) {
      // A connection that is ended to be made anew has not failed.
      if (this.connection.signal.aborted && !this.end.signal.aborted) {
        return;
      }
      throw failure;
    }
  }

  told(name, data) {
    if (name === "workspace") {
      this.took("workspace", data);
      this.want(["settings", "usage", "audit", "overrides", "runs"]);
    } else if (name === "usage") {
      this.took("usage", data);
      this.want(OF_SPENDING);
    }
  }

  /** One look; throws when it fails, and so waits for longer. */
  async ask() {
    for (;;) {
      const [workspace, usage] = await Promise.all([
        this.api.get(this.place.workspace, this.end.signal),
        this.api.get(PARTS.usage(this.place), this.end.signal),
      ]);
      this.succeeded("live");
      if (JSON.stringify(workspace) !== JSON.stringify(this.parts.workspace)) {
        this.want(OF_A_CHANGE);
      }
      if (usage.spent_usd !== this.parts.usage?.spent_usd || usage.active_runs !== this.parts.usage?.active_runs) {
        this.want(OF_SPENDING);
      }
      this.took("workspace", workspace);
      this.took("usage", usage);
      await this.wait(ASK_EVERY);
      if (this.end.signal.aborted) {
        return;
      }
    }
  }

  /** Loads these soon, and those that cost more not too often. */
  want(parts) {
    for (const part of parts) {
      this.wanted.add(part);
    }
    if (this.loading) {
      return;
    }
    clearTimeout(this.later);
    const lists = OF_SPENDING.some(part => this.wanted.has(part));
    const soon = lists && this.wanted.size <= OF_SPENDING.length ? this.listsAt + LISTS_AT_MOST_EVERY - performance.now() : 0;
    this.later = setTimeout(() => this.load(), Math.max(0, soon, this.retryIn ?? 0));
  }

  async load() {
    this.loading = true;
    const parts = [...this.wanted];
    this.wanted.clear();
    if (parts.includes("runs")) {
      this.listsAt = performance.now();
    }
    const answers = await Promise.all(parts.map(part => this.loadPart(part)));
    this.loading = false;
    if (this.end.signal.aborted) {
      return;
    }
    const failures = answers.filter(failure => failure !== null);
    if (failures.length > 0) {
      this.failed("parts", failures[0].failure);
      this.partsBackoff ??= new Backoff(1_000, 15_000);
      this.retryIn = this.partsBackoff.next();
      this.want(failures.map(failure => failure.part));
      this.retryIn = undefined;
    } else {
      this.partsBackoff = undefined;
      this.succeeded("parts");
      if (this.wanted.size > 0) {
        this.want([]);
      }
    }
  }

  /** Null, or what is to be tried again. */
  async loadPart(part) {
    try {
      this.took(part, part === "users" ? await this.loadUsers() : await this.api.get(PARTS[part](this.place), this.end.signal));
      delete this.refused[part];
      return null;
    } catch (failure) {
      if (this.end.signal.aborted || failure.status === 401) {
        return null;
      }
      if (isPassing(failure)) {
        return { part, failure };
      }
      this.refused[part] = failure;
      this.changed();
      return null;
    }
  }

  /** Who spends most today. A server without a history has them by their ids, of which the first must do. */
  async loadUsers() {
    const day = this.parts.usage?.day ?? (await this.api.get(PARTS.usage(this.place), this.end.signal)).day;
    if (this.usersFrom === "history") {
      try {
        return (await this.api.get(`${this.place.history}?from=${day}&to=${day}&group_by=user&limit=10`, this.end.signal)).items;
      } catch (failure) {
        if (failure.status !== 404 && failure.status !== 400) {
          throw failure;
        }
        this.usersFrom = "usage";
      }
    }
    const { users } = await this.api.get(`${this.place.usage}?limit=500`, this.end.signal);
    return users.items.toSorted((one, other) => other.spent_usd - one.spent_usd).slice(0, 10);
  }

  took(part, data) {
    this.parts[part] = data;
    if (part === "usage") {
      this.sample(data);
    }
    this.asOf = now();
    this.changed();
  }

  sample(usage) {
    if (this.samples.length > 0 && this.samples[0].day !== usage.day) {
      this.samples = [];
    }
    this.samples.push({ at: now(), spent: usage.spent_usd, day: usage.day });
    if (this.samples.length > SAMPLES_MAX) {
      this.samples = this.samples.filter((_, index) => index % 2 === 0);
    }
  }

  failed(what, failure) {
    if (!this.failures.has(what)) {
      this.failures.set(what, { since: now(), failure });
    } else {
      this.failures.get(what).failure = failure;
    }
    this.changed();
  }

  succeeded(what) {
    if (this.failures.delete(what)) {
      this.changed();
    }
  }
}
