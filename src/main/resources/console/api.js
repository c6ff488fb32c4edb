// The REST API, as far as people need it.
import { heardTime } from "./clock.js";

const ROOT = new URL("../", location.origin + location.pathname);
const PATIENCE = 10_000;

/** The server refused, or has failed, and says why. */
export class ApiProblem extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "";
    this.problem = problem;
  }

  /** Every mistake that the server has found, each with its place. */
  get mistakes() {
    return (this.problem.errors ?? []).map(error => `${error.pointer.replace("#/", "")}: ${error.detail}`);
  }
}

/** Nobody has answered. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
    this.code = "UNREACHABLE";
  }
}

/** Whether to ask again helps. */
export const isPassing = failure =>
  failure instanceof Unreachable || failure.status === 429 || failure.status >= 500;

/** Where a path of the API is; the console may stand behind a proxy's prefix. */
export const address = path => new URL(path, ROOT);

/** A name for one effect, so that a request can be repeated when its answer is lost. */
export function effectName() {
  // Not randomUUID, which pages without TLS do not have.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}

export class Api {
  /**
   * @param credential as session.js has it
   * @param ended is told when the credential is no longer accepted
   */
  constructor(credential, ended) {
    this.credential = credential;
    this.ended = ended;
  }

  get(path, signal) {
    return this.json("GET", path, undefined, signal);
  }

  post(path, body, headers) {
    return this.json("POST", path, body, undefined, headers);
  }

  patch(path, body) {
    return this.json("PATCH", path, body);
  }

  delete(path) {
    return this.json("DELETE", path);
  }

  /** What a call is answered; undefined if that is nothing. */
  async json(method, path, body, signal, headers = {}) {
    const response = await this.send(method, path, {
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])]),
    });
    try {
      return response.status === 204 ? undefined : await response.json();
    } catch {
      throw signal?.aborted ? signal.reason : new Unreachable();
    }
  }

  /** The answer, if it is a good one. */
  async send(method, path, { body, headers = {}, signal }) {
    const askedAt = performance.now();
    let response;
    try {
      response = await fetch(address(path), {
        method,
        body,
        headers: { ...headers, ...this.credential.headers() },
        signal,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
      });
    } catch {
      throw signal?.aborted && signal.reason?.name !== "TimeoutError" ? signal.reason : new Unreachable();
    }
    heardTime(response.headers.get("Date"), askedAt, performance.now());
    if (!response.ok) {
      throw await this.problemOf(response);
    }
    return response;
  }

  async problemOf(response) {
    const problem = await response.json().catch(() => ({}));
    const failure = new ApiProblem(response.status, problem);
    if (response.status === 401) {
      this.ended(failure);
    }
    return failure;
  }
}

/** The paths of the credential's own workspace. */
export function ownPlace() {
  return {
    key: "own",
    events: "v1/workspace/events?include=usage",
    workspace: "v1/workspace/",
    settings: "v1/workspace/settings",
    usage: "v1/usage",
    history: "v1/usage/history",
    export: "v1/usage/export",
    runs: "v1/runs",
    audit: "v1/audit",
    overrides: "v1/workspace/overrides",
    killSwitch: "v1/workspace/kill-switch",
    isChangeable: true,
  };
}

/** The paths of any workspace, for a credential of the whole installation; no events, and no lasting change. */
export function placeOf(id) {
  const base = `v1/workspaces/${encodeURIComponent(id)}`;
  return {
    key: id,
    events: null,
    workspace: base,
    settings: `${base}/settings`,
    usage: `${base}/usage`,
    history: `${base}/usage/history`,
    export: `${base}/usage/export`,
    runs: `${base}/runs`,
    audit: `${base}/audit`,
    overrides: `${base}/overrides`,
    killSwitch: `${base}/kill-switch`,
    isChangeable: false,
  };
}
