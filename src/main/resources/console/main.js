// The console: who asks, and which page is shown. Start reading here; workspace.js is what people look at.
import { Component, html, render } from "./html.js";
import { Api, address } from "./api.js";
import { forget, keep, kept, ofSecret } from "./session.js";
import { SignIn } from "./signin.js";
import { WorkspaceView } from "./workspace.js";

const ENDED = "You were signed out: the key or token is no longer accepted. It was revoked, or has ended.";

/** What is looked at, by the part of the address after its #. */
function route() {
  const [, place, id] = location.hash.split("/");
  try {
    return place === "workspaces" && id ? { place, id: decodeURIComponent(id) } : { place: "start" };
  } catch {
    // No name is escaped so.
    return { place: "start" };
  }
}

class Console extends Component {
  constructor() {
    super();
    this.state = { phase: "starting", route: route(), message: null, said: null };
    this.announce = text => this.setState(({ said }) => ({ said: { text, number: (said?.number ?? 0) + 1 } }));
    this.shown = () => this.focusHeading();
  }

  async componentDidMount() {
    window.addEventListener("hashchange", () => this.setState({ route: route() }));
    try {
      const response = await fetch(address("console/config.json"), { credentials: "omit" });
      if (!response.ok) {
        throw new Error();
      }
      this.config = await response.json();
    } catch {
      this.setState({ phase: "broken" });
      return;
    }
    if (new URLSearchParams(location.search).has("state")) {
      await this.comeBack();
      return;
    }
    const credential = kept();
    if (credential === null) {
      this.setState({ phase: "signedOut" });
      return;
    }
    try {
      await this.enter(credential);
    } catch (failure) {
      // The tab keeps its key while the server is away.
      this.setState({ phase: "signedOut", message: failure.status === 401 ? ENDED : failure.message });
    }
  }

  async comeBack() {
    try {
      const { finish } = await import("./oidc.js");
      const { credential, keep: isToBeKept } = await finish(this.config.issuers);
      await this.enter(credential);
      if (isToBeKept) {
        keep(credential);
      }
    } catch (failure) {
      this.setState({ phase: "signedOut", message: `The sign-in has failed: ${failure.message}.`.replace(/\.\.$/, ".") });
    }
  }

  async signIn(secret, workspace, isToBeKept) {
    const credential = ofSecret(secret, workspace);
    await this.enter(credential);
    if (isToBeKept) {
      keep(credential);
    }
  }

  async signInAt(place, isToBeKept) {
    try {
      const { begin } = await import("./oidc.js");
      await begin(place, isToBeKept);
    } catch (failure) {
      throw new Error(`It is not possible to sign in at ${place.issuer}: ${failure.message}.`);
    }
  }

  /** Learns what the credential is for; a first try that is refused ends nothing. */
  async enter(credential) {
    let isIn = false;
    const api = new Api(credential, () => {
      if (isIn) {
        isIn = false;
        this.leave(ENDED);
      }
    });
    const kind = await this.kindOf(api);
    isIn = true;
    if (kind === "fleet") {
      this.fleet = await import("./fleet.js");
    }
    this.setState({ phase: "signedIn", api, kind, message: null });
  }

  async kindOf(api) {
    try {
      await api.get("v1/workspace/");
      return "workspace";
    } catch (failure) {
      if (failure.code !== "NO_WORKSPACE") {
        throw failure;
      }
    }
    await api.get("v1/workspaces?limit=1");
    return "fleet";
  }

  leave(message) {
    forget();
    history.replaceState(null, "", location.pathname);
    document.title = "Workspace Operator";
    this.setState({ phase: "signedOut", api: null, route: route(), message });
  }

  componentDidUpdate(_, before) {
    if (before.phase !== this.state.phase && this.state.phase !== "signedIn") {
      this.focusHeading();
    }
  }

  /** A reader of the screen hears where it is; the first page that is loaded has the browser's own focus. */
  focusHeading() {
    if (this.hasShown || this.state.message) {
      document.querySelector("h1")?.focus();
    }
    this.hasShown = true;
  }

  renderPage(_, { phase, route: where, api, kind, message }) {
    if (phase === "broken") {
      return html`
        <main class="page narrow" id="main">
          <h1 tabindex="-1">Workspace Operator</h1>
          <p class="banner outage" role="alert">The server does not answer. Load the page again when it is back.</p>
        </main>
      `;
    }
    if (phase === "signedOut") {
      return html`
        <${SignIn}
          message=${message}
          issuers=${this.config.issuers}
          version=${this.config.version}
          signIn=${(...how) => this.signIn(...how)}
          signInAt=${(...how) => this.signInAt(...how)}
        />
      `;
    }
    if (phase === "signedIn") {
      const common = { api, config: this.config, announce: this.announce, shown: this.shown };
      if (kind === "fleet" && where.place !== "workspaces") {
        return html`<${this.fleet.FleetView} ...${common} />`;
      }
      const id = kind === "fleet" ? where.id : null;
      return html`<${WorkspaceView} key=${id ?? "own"} id=${id} ...${common} />`;
    }
    return html`<main class="page narrow" id="main"><p role="status">Asking the server …</p></main>`;
  }

  render(props, state) {
    const { phase, kind, route: where, said } = state;
    return html`
      <a class="skip" href="#main" onClick=${event => this.skip(event)}>Skip to the content</a>
      <header class="top">
        <span class="brand">Workspace Operator</span>
        ${phase === "signedIn" && kind === "fleet" && where.place === "workspaces" && html`<nav aria-label="Console"><a href="#/">All workspaces</a></nav>`}
        ${phase === "signedIn" && html`<button type="button" class="small" onClick=${() => this.leave(null)}>Sign out</button>`}
      </header>
      ${this.renderPage(props, state)}
      <div role="status">${said && html`<p key=${said.number} class="said">${said.text}</p>`}</div>
    `;
  }

  /** The part of the address after its # is taken. */
  skip(event) {
    event.preventDefault();
    document.querySelector("h1")?.focus();
  }
}

const root = document.getElementById("console");
root.replaceChildren();
render(html`<${Console} />`, root);
