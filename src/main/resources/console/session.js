// The credential: in memory, or in this tab's storage if its owner wants that. Never anywhere else.

const KEPT = "workspace-operator.credential";

class Credential {
  constructor({ secret, workspace, kind, who }) {
    this.secret = secret;
    this.workspace = workspace ?? "";
    this.kind = kind;
    this.who = who ?? "";
  }

  headers() {
    const headers = { Authorization: `Bearer ${this.secret}` };
    if (this.workspace !== "") {
      headers.Workspace = this.workspace;
    }
    return headers;
  }
}

/** An API key, or a token that somebody has from elsewhere; which workspace is meant, where it has several. */
export const ofSecret = (secret, workspace) =>
  new Credential({ secret, workspace, kind: secret.startsWith("wsk_") ? "key" : "token" });

/** A token of an issuer. */
export const ofToken = (secret, who) => new Credential({ secret, kind: "token", who });

export function keep(credential) {
  sessionStorage.setItem(KEPT, JSON.stringify(credential));
}

export function forget() {
  sessionStorage.removeItem(KEPT);
}

/** What this tab has kept; null if that is nothing. */
export function kept() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEPT));
    return stored?.secret ? new Credential(stored) : null;
  } catch {
    return null;
  }
}
