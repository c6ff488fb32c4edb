// A table of very many rows, of which only those in sight are there. By hand: each frame of a scroll rebinds texts only.

const HEIGHT = 40;
const SPARE = 8;

/** Rows are rebound in blocks, so that most frames of a scroll change nothing but the scroll. */
const BLOCK = 4;

export class RowWindow {
  /**
   * @param viewport scrolls
   * @param body is as high as all rows
   * @param cells {name, text(row), isName, tone(row)} for each column
   * @param address of a row's page
   */
  constructor(viewport, body, cells, address) {
    this.viewport = viewport;
    this.body = body;
    this.cells = cells;
    this.address = address;
    this.rows = [];
    this.slots = [];
    this.first = -1;
    this.layer = document.createElement("div");
    this.layer.className = "layer";
    this.layer.setAttribute("role", "presentation");
    this.body.append(this.layer);
    this.onScroll = () => {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = undefined;
        this.paint();
      });
    };
    this.onKey = event => this.key(event);
    this.viewport.addEventListener("scroll", this.onScroll, { passive: true });
    this.viewport.addEventListener("keydown", this.onKey);
    this.resized = new ResizeObserver(() => this.repaint());
    this.resized.observe(viewport);
  }

  close() {
    this.viewport.removeEventListener("scroll", this.onScroll);
    this.viewport.removeEventListener("keydown", this.onKey);
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /** These rows, in this order; where one looks stays where it is. */
  show(rows) {
    this.rows = rows;
    this.body.style.height = `${rows.length * HEIGHT}px`;
    this.repaint();
  }

  repaint() {
    this.first = -1;
    this.paint();
  }

  paint() {
    const seen = Math.ceil(this.viewport.clientHeight / HEIGHT) + 1;
    const wanted = seen + 2 * SPARE + BLOCK;
    const top = Math.floor(this.viewport.scrollTop / HEIGHT / BLOCK) * BLOCK - SPARE;
    const first = Math.max(0, Math.min(top, this.rows.length - wanted));
    const size = Math.min(wanted, this.rows.length);
    if (first === this.first && size === this.size) {
      return;
    }
    const focused = this.focusedIndex();
    this.first = first;
    this.size = size;
    while (this.slots.length < size) {
      this.slots.push(this.slot());
    }
    this.slots.forEach((slot, index) => {
      slot.row.hidden = index >= size;
      if (index < size) {
        this.bind(slot, first + index);
      }
    });
    this.layer.style.transform = `translateY(${first * HEIGHT}px)`;
    if (focused >= 0) {
      // The focus goes with its row, and is not left on the one that took its place.
      const slot = this.slots[focused - first];
      (focused >= first && focused < first + size ? slot.link : this.viewport).focus({ preventScroll: true });
    }
  }

  focusedIndex() {
    const slot = this.slots.findIndex(one => one.link === document.activeElement);
    return slot < 0 || this.first < 0 ? -1 : this.first + slot;
  }

  slot() {
    const row = document.createElement("div");
    row.className = "row";
    row.setAttribute("role", "row");
    let link;
    const texts = [];
    const cells = this.cells.map(cell => {
      const element = document.createElement("div");
      element.setAttribute("role", cell.isName ? "rowheader" : "cell");
      element.className = `cell ${cell.name}`;
      if (cell.isName) {
        link = document.createElement("a");
        element.append(link);
      }
      const text = document.createTextNode("");
      (cell.isName ? link : element).append(text);
      texts.push(text);
      row.append(element);
      return element;
    });
    this.layer.append(row);
    // What is shown is remembered: to ask the page for it costs more.
    return { row, cells, link, texts, shown: [], tones: [] };
  }

  bind(slot, index) {
    const data = this.rows[index];
    slot.row.setAttribute("aria-rowindex", index + 2);
    this.cells.forEach((cell, column) => {
      const text = cell.text(data);
      if (slot.shown[column] !== text) {
        slot.shown[column] = text;
        slot.texts[column].data = text;
      }
      const tone = cell.tone?.(data);
      if (slot.tones[column] !== tone) {
        slot.tones[column] = tone;
        slot.cells[column].dataset.tone = tone;
      }
    });
    const address = this.address(data);
    if (slot.address !== address) {
      slot.address = address;
      slot.link.setAttribute("href", address);
    }
  }

  /** Arrows go from row to row. */
  key(event) {
    const page = Math.max(1, Math.floor(this.viewport.clientHeight / HEIGHT) - 2);
    const at = this.focusedIndex();
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (at < 0 || !(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    this.focus(Math.max(0, Math.min(this.rows.length - 1, at + steps[event.key])));
  }

  focus(index) {
    const top = index * HEIGHT;
    const seen = this.viewport.clientHeight - 2 * HEIGHT;
    if (top < this.viewport.scrollTop) {
      this.viewport.scrollTop = top;
    } else if (top > this.viewport.scrollTop + seen) {
      this.viewport.scrollTop = top - seen;
    }
    this.paint();
    this.slots[index - this.first]?.link.focus({ preventScroll: true });
  }
}
