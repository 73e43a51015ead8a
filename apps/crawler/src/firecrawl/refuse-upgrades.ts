import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 6455 section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const WATCHED = /^\/v2\/(crawl|batch\/scrape)\/[^/]+$/;
/** A Close frame with status 1000 (RFC 6455 section 5.5.1). */
const CLOSE = Buffer.from([0x88, 0x02, 0x03, 0xe8]);

const LINGER_MS = 2000;

/**
 * Opens each WebSocket on which the SDK would watch a job, and closes it at once: that makes the SDK poll. A handshake that
 * is refused, in contrast, ends its watcher with an error. Nothing is said on the socket, so that no key is needed.
 */
export function refuseUpgrades(server: Server): void {
  // Without this, a request that offers HTTP/2 (`Upgrade: h2c`) would get no answer.
  Object.assign(server, { shouldUpgradeCallback: isWatcher });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const key = request.headers['sec-websocket-key'] ?? '';
    const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]?.trim();
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${createHash('sha1')
        .update(key + GUID)
        .digest('base64')}`,
      ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ];
    socket.on('error', () => socket.destroy());
    // What the client says is read and dropped, so that its own end is seen.
    socket.resume();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.end(CLOSE);
  });
}

function isWatcher({ url = '', headers }: IncomingMessage): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return headers.upgrade?.toLowerCase() === 'websocket' && WATCHED.test(path);
}
