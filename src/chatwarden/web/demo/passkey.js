// Passkeys: the browser's own dialog, and JSON in and out (WebAuthn Level 3, section 5.1). What goes out is written here and
// not by toJSON(): some password managers answer with objects that cannot do it.

import { text as say } from "./strings.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** Bytes as base64url without padding (RFC 4648, section 5). */
export function base64url(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

let way = null;

/** Passkeys are used by `how(options)`: for a page that may not ask for one itself. */
export function usedBy(how) {
  way = how;
}

/** Whether this browser knows passkeys and the page may use them. */
export const possible = () => window.isSecureContext && "PublicKeyCredential" in window &&
  (way !== null || (document.featurePolicy?.allowsFeature("publickey-credentials-get") ?? true));

/** Thrown when no passkey was used, with the reason for the person. */
export class NoPasskey extends Error {}

async function chosen(rpId, ask) {
  if (!possible()) throw new NoPasskey(say("passkey.none"));
  try {
    const credential = await ask();
    if (credential) return credential;
  } catch (error) {
    if (error.name === "InvalidStateError") throw new NoPasskey(say("passkey.known"));
    if (error.name === "SecurityError") {
      const port = location.port && `:${location.port}`;
      throw new NoPasskey(say("passkey.elsewhere", { address: `https://${rpId}${port}${location.pathname}` }));
    }
  }
  throw new NoPasskey(say("passkey.unused"));
}

const descriptor = (one) => ({ ...one, id: bytes(one.id) });

/** The browser's own parser where it has one. */
function parsed(name, options, byHand) {
  const own = window.PublicKeyCredential?.[name];
  return own ? own.call(window.PublicKeyCredential, options) : byHand();
}

/** Asks for a passkey; the answer as JSON. */
export async function use(options) {
  if (way) return way(options);
  const credential = await chosen(options.rpId, () => navigator.credentials.get({
    publicKey: parsed("parseRequestOptionsFromJSON", options, () => ({
      ...options, challenge: bytes(options.challenge), allowCredentials: options.allowCredentials.map(descriptor),
    })),
  }));
  const response = credential.response;
  return {
    id: credential.id, rawId: base64url(credential.rawId), type: credential.type, clientExtensionResults: {},
    response: {
      clientDataJSON: base64url(response.clientDataJSON), authenticatorData: base64url(response.authenticatorData),
      signature: base64url(response.signature), userHandle: response.userHandle ? base64url(response.userHandle) : null,
    },
  };
}

/** Makes a passkey; what it shows as JSON. */
export async function create(options) {
  const credential = await chosen(options.rp.id, () => navigator.credentials.create({
    publicKey: parsed("parseCreationOptionsFromJSON", options, () => ({
      ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(descriptor),
    })),
  }));
  return {
    id: credential.id, rawId: base64url(credential.rawId), type: credential.type, clientExtensionResults: {},
    response: {
      clientDataJSON: base64url(credential.response.clientDataJSON),
      attestationObject: base64url(credential.response.attestationObject),
    },
  };
}
