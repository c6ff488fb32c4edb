// Server-sent events, read with fetch: an EventSource sends no credential.

/** Longer than the server is ever silent: it sends a comment every 15 s. */
const SILENCE_MAX = 40_000;

/** Calls back with each whole event of a text that comes in pieces (WHATWG HTML, Server-sent events). */
export function eventReader(tell) {
  let rest = "";
  let name = "";
  let data = [];
  const line = text => {
    if (text === "") {
      if (data.length > 0) {
        tell(name || "message", data.join("\n"));
      }
      name = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") {
      name = value;
    } else if (field === "data") {
      data.push(value);
    }
  };
  return text => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(line);
  };
}

/**
 * Follows a stream until it ends, and throws when it cannot be had.
 *
 * @param tell is given each event's name and data
 * @param heard is called whenever something came, a comment included
 */
export async function follow(api, path, signal, tell, heard) {
  const silence = new AbortController();
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MAX);
  };
  wait();
  try {
    const response = await api.send("GET", path, {
      headers: { Accept: "text/event-stream" },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    heard();
    const read = eventReader(tell);
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      wait();
      heard();
      read(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Ever longer waits, up to a bound, each somewhat random, so that not all pages come back together. */
export class Backoff {
  constructor(first, most) {
    this.first = first;
    this.most = most;
    this.tries = 0;
  }

  reset() {
    this.tries = 0;
  }

  /** It has worked for a moment: what is cut all the time waits somewhat, and not ever longer. */
  relent() {
    this.tries = Math.min(this.tries, 1);
  }

  next() {
    const wait = Math.min(this.most, this.first * 2 ** this.tries);
    this.tries++;
    return wait * (0.5 + Math.random() / 2);
  }
}
