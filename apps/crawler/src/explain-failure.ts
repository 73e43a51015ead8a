import { FetchError } from '@xnai/egress';
import { BreakerOpenError } from '@xnai/resilience';

/** The cause of a failed fetch in words, for the person who started the crawl. It names no address of this network. */
export function explainFailure(error: unknown): string {
  if (error instanceof BreakerOpenError)
    return 'the server failed again and again, and is left alone for a while';
  if (!(error instanceof FetchError))
    return error instanceof Error ? uncapitalized(error.message) : `${error}`;
  if (error.status !== undefined && error.code === 'http-error')
    return `the server answered with status ${error.status}`;
  if (error.code !== 'network-error') return uncapitalized(error.message);
  const { host, hostname } = new URL(error.url ?? 'http://unknown');
  return explainConnection(error.systemCode ?? '', host) + hintOf(error.systemCode, hostname);
}

function explainConnection(systemCode: string, host: string): string {
  if (systemCode === 'ENOTFOUND') return `the name of ${host} does not resolve`;
  if (systemCode === 'EAI_AGAIN') return `the name of ${host} cannot be looked up at present`;
  if (systemCode === 'NO_CONNECTION') return `connection refused: nothing answers at ${host}`;
  if (TLS_CODE.test(systemCode)) return `the certificate of ${host} is not accepted (${systemCode})`;
  const code = systemCode === '' ? '' : ` (${systemCode})`;
  return `the connection to ${host} ended before the whole answer had come${code}`;
}

const TLS_CODE = /CERT|_TLS_|_SSL_|HOSTNAME|UNABLE_TO_/;

/** The commonest mistake in a container. */
function hintOf(systemCode: string | undefined, hostname: string): string {
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (!isHere || systemCode !== 'NO_CONNECTION') return '';
  return `; inside a container ${hostname} is the container itself, see docs/operations.md`;
}

function uncapitalized(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
