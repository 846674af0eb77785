// An unmodified oidc-provider as a company's login. Its one argument is a file of JSON: where it is, whom it knows.
// It prints "ready" when it listens. Only its page for signing in is ours: a name, and no password at all.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const { issuer, tls, client, people } = JSON.parse(readFileSync(process.argv[2], "utf8"));

function key(type, options, alg) {
  const jwk = generateKeyPairSync(type, options).privateKey.export({ format: "jwk" });
  return { ...jwk, kid: alg.toLowerCase(), use: "sig", alg };
}

const provider = new Provider(issuer, {
  clients: [client],
  jwks: { keys: [key("rsa", { modulusLength: 2048 }, "RS256"), key("ec", { namedCurve: "P-256" }, "ES256")] },
  cookies: { keys: ["a key for tests"] },
  claims: { openid: ["sub", "acr", "amr", "auth_time"], profile: ["preferred_username", "name"], groups: ["groups"] },
  acrValues: ["one", "two"],
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      logoutSource(ctx, form) {
        ctx.body = `<!doctype html>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`;
      },
    },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub]?.claims }) }),
  // Whoever works here has agreed already.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(" "));
    await grant.save();
    return grant;
  },
  // It would not call addresses of this machine, and a test has no others.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
});
provider.on("backchannel.error", (_ctx, error) => console.error(`backchannel: ${error.message}`));
provider.on("server_error", (_ctx, error) => console.error(error));

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) {
    await next();
  } else if (ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = '<!doctype html><form method="post"><input name="login"><button>Sign in</button></form>';
  } else {
    const sent = [];
    for await (const piece of ctx.req) sent.push(piece);
    const login = new URLSearchParams(Buffer.concat(sent).toString()).get("login");
    const { amr, acr } = people[login] ?? {};
    const result = login in people
      ? { login: { accountId: login, amr, acr } }
      : { error: "access_denied", error_description: "nobody of that name works here" };
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, result);
  }
});

const { hostname, port } = new URL(issuer);
createServer({ key: readFileSync(tls.key), cert: readFileSync(tls.cert) }, provider.callback())
  .listen(Number(port), hostname, () => console.log("ready"));
