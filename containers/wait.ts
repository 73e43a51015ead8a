// Answers in place of a service that waits for its start: node containers/wait.ts PORT SECONDS FILE. It ends when the
// seconds are over and the file is there. All answers are 503, also that of /livez: the service is not running, and
// neither `podman ps` nor systemd may take it for healthy.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const [port, seconds, file = ''] = process.argv.slice(2);
const untilMs = Date.now() + Number(seconds) * 1000;
const LOOK_EVERY_MS = 200;

const server = createServer(({ url = '/' }, response) => {
  const path = url.split('?')[0];
  const headers = { 'content-type': 'application/json', 'retry-after': retryAfter(), connection: 'close' };
  response.writeHead(503, headers);
  response.end(JSON.stringify(path === '/readyz' ? readiness() : problem()));
});
server.listen(Number(port), '0.0.0.0');
while (Date.now() < untilMs || !existsSync(file)) await delay(LOOK_EVERY_MS);
server.closeAllConnections();
server.close();

function readiness() {
  const isPaused = Date.now() < untilMs;
  const start = { status: isPaused ? 'down' : 'starting', detail: reason() };
  return { status: 'unavailable', checks: { start }, degraded: [], advice: [] };
}

function problem() {
  return { type: 'about:blank', title: 'The service has not started yet', status: 503, detail: reason() };
}

function reason(): string {
  if (Date.now() < untilMs)
    return `the service ended several times within a minute of its start; next start in ${retryAfter()} s`;
  return 'the service `secrets` has not written the files of this service yet';
}

function retryAfter(): string {
  return String(Math.max(1, Math.ceil((untilMs - Date.now()) / 1000)));
}
