// Drives an unmodified openid-client: a line of JSON in, a line of JSON out. The first line says who the client is.
import { createPrivateKey, webcrypto } from "node:crypto";
import { createInterface } from "node:readline";
import * as oauth from "openid-client";

const ALGORITHMS = {
  ed25519: { name: "Ed25519" },
  rsa: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ec: { name: "ECDSA", namedCurve: "P-256" },
};

async function imported(pem) {
  const key = createPrivateKey(pem);
  const der = key.export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHMS[key.asymmetricKeyType], false, ["sign"]);
}

async function authentication(who) {
  switch (who.method) {
    case "client_secret_basic":
      return oauth.ClientSecretBasic(who.secret);
    case "client_secret_post":
      return oauth.ClientSecretPost(who.secret);
    case "private_key_jwt":
      return oauth.PrivateKeyJwt(await imported(who.key));
    default:
      return oauth.None();
  }
}

let config;
const CALLS = {
  async discovery(who) {
    const options = { algorithm: "oauth2" };
    config = await oauth.discovery(new URL(who.issuer), who.client, undefined, await authentication(who), options);
    return config.serverMetadata();
  },
  clientCredentials: (fields) => oauth.clientCredentialsGrant(config, fields),
  grant: ({ grant_type, ...fields }) => oauth.genericGrantRequest(config, grant_type, fields),
  introspect: ({ token }) => oauth.tokenIntrospection(config, token),
  revoke: async ({ token }) => (await oauth.tokenRevocation(config, token)) ?? null,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...fields } = JSON.parse(line);
  let told;
  try {
    told = { result: await CALLS[call](fields) };
  } catch (error) {
    told = { error: error.error ?? error.code ?? error.name, status: error.status ?? null, message: error.message };
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
