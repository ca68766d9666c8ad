// Asks for the hub's health, a call every two milliseconds, and tells what 99 of 100 answers took at most, in milliseconds.
import http2 from 'node:http2';

const [url, seconds] = [process.argv[2], Number(process.argv[3])];
const session = http2.connect(url);
const took = [];
let failed = 0;
const end = performance.now() + seconds * 1000;

function ask() {
  if (performance.now() > end) {
    took.sort((a, b) => a - b);
    console.log(JSON.stringify({ calls: took.length, failed, p50: took[took.length >> 1], p99: took[Math.floor(took.length * 0.99)] }));
    process.exit(0);
  }
  const began = performance.now();
  const stream = session.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', te: 'trailers' });
  stream.on('data', () => {}).on('error', () => failed++);
  stream.on('close', () => {
    took.push(performance.now() - began);
    setTimeout(ask, 2);
  });
  stream.end(Buffer.alloc(5));
}

session.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
ask();
