// A certified OAuth client library at the hub's endpoints: discovery, a token by client credentials, introspection, revocation.
// node openid-client.mjs ISSUER; reads a JSON array of {client, key (a private JWK) or secret, method}, prints an array of what became of each.
import { verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as oauth from 'openid-client';

const importParameters = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
};

async function authentication({ key, secret, method }) {
  switch (method) {
    case 'private_key_jwt':
      return oauth.PrivateKeyJwt({ key: await crypto.subtle.importKey('jwk', key, importParameters[key.alg], false, ['sign']), kid: key.kid });
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(secret);
    default:
      return oauth.ClientSecretPost(secret);
  }
}

// RFC 9068 section 4 with nothing but Node's own cryptography: the library takes access tokens as they come.
async function read(config, token) {
  const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json();
  const [header, claims, signature] = token.split('.');
  const { kid, ...rest } = JSON.parse(Buffer.from(header, 'base64url'));
  const key = { key: keys.find(key => key.kid === kid), format: 'jwk', dsaEncoding: 'ieee-p1363' };
  return {
    header: rest,
    isSigned: verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')),
    claims: JSON.parse(Buffer.from(claims, 'base64url')),
  };
}

async function run(issuer, asked) {
  const config = await oauth.discovery(new URL(issuer), asked.client, undefined, await authentication(asked), {
    algorithm: 'oauth2',
    execute: [oauth.allowInsecureRequests],
  });
  try {
    const granted = await oauth.clientCredentialsGrant(config);
    const token = await read(config, granted.access_token);
    const before = await oauth.tokenIntrospection(config, granted.access_token);
    await oauth.tokenRevocation(config, granted.access_token);
    const after = await oauth.tokenIntrospection(config, granted.access_token);
    return { type: granted.token_type, lifetime: granted.expires_in, token, before, after };
  } catch (error) {
    // What the library makes of a challenge in a header does not tell the body's error.
    return { error: error.error ?? (await error.response?.json())?.error ?? `${error}`, status: error.status };
  }
}

const results = [];
for (const asked of JSON.parse(readFileSync(0, 'utf8'))) {
  results.push(await run(process.argv[2], asked));
}

console.log(JSON.stringify(results));
