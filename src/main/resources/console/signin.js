// Who asks: an API key or a token, or an issuer that gives one.
import { Component, html } from "./html.js";
import { Field } from "./dialog.js";

export class SignIn extends Component {
  constructor(props) {
    super(props);
    this.state = { secret: "", workspace: "", keep: false, failure: null, isBusy: false };
  }

  async attempt(event) {
    event.preventDefault();
    const secret = this.state.secret.trim();
    // What is no header's value would not even be sent.
    if (!/^[!-~]+$/.test(secret)) {
      this.setState({ failure: "A key has letters and digits only, without spaces." });
      return;
    }
    await this.busy(() => this.props.signIn(secret, this.state.workspace.trim(), this.state.keep));
  }

  async busy(work) {
    this.setState({ isBusy: true, failure: null });
    try {
      await work();
    } catch (failure) {
      this.setState({ failure: failure.message, needsWorkspace: failure.code === "WORKSPACE_REQUIRED" });
    } finally {
      this.setState({ isBusy: false });
    }
  }

  render({ message, issuers, signInAt, version }, { secret, workspace, keep, failure, isBusy, needsWorkspace }) {
    return html`
      <main class="page narrow" id="main">
        <h1 tabindex="-1">Sign in</h1>
        <div role="alert">
          ${(failure ?? message) && html`<p class="banner outage">${failure ?? message}</p>`}
        </div>
        <form class="card" onSubmit=${event => this.attempt(event)} autocomplete="off">
          <${Field} id="secret" label="API key or token" hint="Of a workspace, or of the whole installation. It is kept in this page's memory only.">
            <input
              id="secret"
              type="password"
              autocomplete="off"
              spellcheck=${false}
              required
              aria-describedby="secret-hint"
              value=${secret}
              onInput=${event => this.setState({ secret: event.target.value })}
            />
          <//>
          ${(needsWorkspace || workspace !== "") &&
          html`
            <${Field} id="workspace" label="Workspace" hint="Its slug: the token's namespace has several.">
              <input
                id="workspace"
                aria-describedby="workspace-hint"
                value=${workspace}
                onInput=${event => this.setState({ workspace: event.target.value })}
              />
            <//>
          `}
          <label class="check">
            <input type="checkbox" checked=${keep} onChange=${event => this.setState({ keep: event.target.checked })} />
            Keep it in this tab until the tab is closed
          </label>
          <div class="actions">
            <button type="submit" class="primary" disabled=${isBusy}>${isBusy ? "Signing in …" : "Sign in"}</button>
          </div>
        </form>
        ${issuers.length > 0 &&
        html`
          <section class="card" aria-labelledby="issuers">
            <h2 id="issuers">Or with an account</h2>
            ${issuers.map(
              place => html`
                <p>
                  <button type="button" disabled=${isBusy} onClick=${() => this.busy(() => signInAt(place, keep))}>
                    Sign in at ${new URL(place.issuer).host}
                  </button>
                </p>
              `,
            )}
          </section>
        `}
        <p class="quiet">Workspace Operator ${version}</p>
      </main>
    `;
  }
}
