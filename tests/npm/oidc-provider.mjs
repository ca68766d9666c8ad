// A certified OpenID provider, for departments whose tokens come from an issuer of their own.
// node oidc-provider.mjs; reads one line of JSON {clients: [{id, secret, department, role}], audience, algorithm}, prints the issuer, serves until its input ends.
import { createInterface } from 'node:readline';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const lines = createInterface({ input: process.stdin });
const { clients, audience, algorithm } = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
const known = new Map(clients.map(client => [client.id, client]));

const server = createServer();
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...await exportJWK(privateKey), kid: 'of-the-provider', alg: algorithm, use: 'sig' }] },
  clients: clients.map(({ id, secret }) => ({
    client_id: id, client_secret: secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [], token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: algorithm,
  })),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: () => ({ scope: '', audience, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: algorithm } } }),
    },
  },
  extraTokenClaims: (_, token) => {
    const { department, role } = known.get(token.clientId);
    return { org: department, roles: ['staff', role] };
  },
});
server.on('request', provider.callback());
console.log(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));
for await (const _ of lines) {
  // Until the input ends.
}

process.exit(0);
