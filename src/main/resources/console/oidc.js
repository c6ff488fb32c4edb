// Signing in at an issuer: the code flow with PKCE (RFC 7636), as a public client.
import { ofToken } from "./session.js";

const UNDER_WAY = "workspace-operator.sign-in";

const base64url = bytes =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const here = () => location.origin + location.pathname;

async function discover(issuer) {
  const response = await fetch(issuer.replace(/\/$/, "") + "/.well-known/openid-configuration", {
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
  const found = await response.json();
  if (!response.ok || found.issuer !== issuer) {
    throw new Error("its configuration is not that of this issuer");
  }
  return found;
}

/** Leaves the page for the issuer. */
export async function begin(place, keep) {
  if (!crypto.subtle) {
    throw new Error("this page must be served by https for it");
  }
  const endpoints = await discover(place.issuer);
  const verifier = random();
  const state = random();
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  sessionStorage.setItem(
    UNDER_WAY,
    JSON.stringify({ issuer: place.issuer, verifier, state, keep, route: location.hash }),
  );
  const target = new URL(endpoints.authorization_endpoint);
  for (const [name, value] of Object.entries({
    response_type: "code",
    client_id: place.client_id,
    redirect_uri: here(),
    scope: place.scopes.join(" "),
    state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  })) {
    target.searchParams.set(name, value);
  }
  location.assign(target);
}

/**
 * Ends what was begun.
 *
 * @returns the credential, and whether its owner wants it kept
 */
export async function finish(places) {
  const query = new URLSearchParams(location.search);
  const begun = JSON.parse(sessionStorage.getItem(UNDER_WAY) ?? "null");
  sessionStorage.removeItem(UNDER_WAY);
  // The code is good once; it must not stay in the address or the history.
  history.replaceState(null, "", here() + (begun?.route ?? ""));
  const place = places.find(one => one.issuer === begun?.issuer);
  if (!place || query.get("state") !== begun.state) {
    throw new Error("it was not begun in this tab");
  }
  // RFC 9207: an answer of another issuer is not taken for this one's.
  if (query.has("iss") && query.get("iss") !== place.issuer) {
    throw new Error("another issuer has answered");
  }
  if (query.has("error")) {
    throw new Error(query.get("error_description") ?? query.get("error"));
  }
  const endpoints = await discover(place.issuer);
  const response = await fetch(endpoints.token_endpoint, {
    method: "POST",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: query.get("code"),
      redirect_uri: here(),
      client_id: place.client_id,
      code_verifier: begun.verifier,
    }),
  });
  const answer = await response.json();
  if (!response.ok || !answer.access_token) {
    throw new Error(answer.error_description ?? answer.error ?? "it has given no token");
  }
  return { credential: ofToken(answer.access_token, place.issuer), keep: begun.keep };
}
