// Markup in template strings. Whatever is put into a template becomes text or an attribute, never markup.
import { Component, h, render } from "./lib/preact.js";
import htm from "./lib/htm.js";

export const html = htm.bind(h);
export { Component, render };
