// Stands in for Jaeger: takes traces (OTLP over HTTP, in JSON), and keeps each as a line of /tmp/traces.jsonl.
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const FILE = '/tmp/traces.jsonl';
writeFileSync(FILE, '');
createServer(async (request, response) => {
  appendFileSync(FILE, `${await text(request)}\n`);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}).listen(4318);
