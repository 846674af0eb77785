// Passkeys: the browser's own dialog, and JSON in and out (WebAuthn Level 3, section 5.1).

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

function text(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Whether this browser knows passkeys and the page may use them. */
export const possible = () => window.isSecureContext && "PublicKeyCredential" in window;

/** Thrown when nobody chose a passkey: closed, timed out, or none is there. */
export class NoPasskey extends Error {}

async function chosen(promise) {
  try {
    const credential = await promise;
    if (credential) return credential;
  } catch (error) {
    if (error.name === "InvalidStateError") throw new NoPasskey("This passkey is set up already.");
    if (error.name === "SecurityError") throw new NoPasskey("Passkeys do not work at this address.");
  }
  throw new NoPasskey("No passkey was used.");
}

const descriptor = (one) => ({ ...one, id: bytes(one.id) });

/** Asks for a passkey; the answer as JSON. */
export async function use(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: options.allowCredentials.map(descriptor) };
  const credential = await chosen(navigator.credentials.get({ publicKey }));
  const response = credential.response;
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
      signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

/** Makes a passkey; what it shows as JSON. */
export async function create(options) {
  const publicKey = {
    ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(descriptor),
  };
  const credential = await chosen(navigator.credentials.create({ publicKey }));
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {},
    response: {
      clientDataJSON: text(credential.response.clientDataJSON),
      attestationObject: text(credential.response.attestationObject),
    },
  };
}
