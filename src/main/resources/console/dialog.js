// Dialogs: one question, one answer. The browser keeps the focus within, and gives it back.
import { Component, html } from "./html.js";

let numbers = 0;

/**
 * @param title the question
 * @param action what its button says
 * @param isDangerous whether it stops something
 * @param isReady whether the button can be pressed
 * @param submit does it; what it throws is shown
 * @param close is called when the dialog is over
 */
export class Dialog extends Component {
  constructor() {
    super();
    this.id = `dialog-${numbers++}`;
    this.state = { isBusy: false, failure: null };
    this.element = null;
    this.hold = element => {
      this.element = element;
    };
  }

  componentDidMount() {
    this.element.showModal();
  }

  componentWillUnmount() {
    // Otherwise the focus would be nowhere.
    this.element?.close();
  }

  async submit(event) {
    event.preventDefault();
    if (this.state.isBusy || this.props.isReady === false) {
      return;
    }
    this.setState({ isBusy: true, failure: null });
    try {
      await this.props.submit();
      this.element?.close();
    } catch (failure) {
      this.setState({ failure });
    } finally {
      this.setState({ isBusy: false });
    }
  }

  render({ title, children, action, isDangerous, isReady, close }, { isBusy, failure }) {
    return html`
      <dialog ref=${this.hold} aria-labelledby=${this.id} onClose=${close}>
        <form onSubmit=${event => this.submit(event)} autocomplete="off">
          <h2 id=${this.id}>${title}</h2>
          ${children}
          <div role="alert" class="failure">
            ${failure && html`<p>${failure.message}</p>`}
            ${failure?.mistakes?.length > 0 && html`<ul>${failure.mistakes.map(one => html`<li>${one}</li>`)}</ul>`}
          </div>
          <div class="actions">
            <button type="button" onClick=${() => this.element.close()}>Cancel</button>
            <button
              type="submit"
              class=${isDangerous ? "danger" : "primary"}
              disabled=${isBusy || isReady === false}
            >
              ${isBusy ? "Asking the server …" : action}
            </button>
          </div>
        </form>
      </dialog>
    `;
  }
}

/** A field with its label, and what is to be known of it. */
export function Field({ id, label, hint, children }) {
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${children}
      ${hint && html`<small id=${`${id}-hint`}>${hint}</small>`}
    </div>
  `;
}

/** A reason, in a person's words. */
export function ReasonField({ id, value, onInput, isRequired, hint, max }) {
  return html`
    <${Field} id=${id} label=${isRequired ? "Reason" : "Reason (optional)"} hint=${hint}>
      <textarea
        id=${id}
        rows="2"
        maxlength=${max}
        required=${isRequired}
        aria-describedby=${hint ? `${id}-hint` : undefined}
        value=${value}
        onInput=${event => onInput(event.target.value)}
      ></textarea>
    <//>
  `;
}
