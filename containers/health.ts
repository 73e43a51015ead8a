// The health check of both services: `node containers/health.ts PORT` exits 0 when /livez answers 200.
const port = Number(process.argv[2]);
const response = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(3000) }).catch(
  () => undefined,
);
process.exitCode = response?.ok ? 0 : 1;
