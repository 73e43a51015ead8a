/** Where an OpenAI-compatible server answers, as the configuration names it. */
export interface ServerAddress {
  /** Up to and with `/v1`; never with a slash at its end. */
  readonly base: string;
  /** The name of the model there; undefined: the only one that the server has. */
  readonly model?: string | undefined;
}

/**
 * Reads base URLs, separated by commas; `#name` behind one names the model of that server. A URL without a path means
 * its `/v1`.
 *
 * @throws {RangeError} with a sentence for people, which does not repeat a password
 */
export function parseServers(text: string): readonly ServerAddress[] {
  const servers = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map(parseServer);
  if (servers.length === 0) throw new RangeError('expected a URL, or several separated by commas');
  if (new Set(servers.map(({ base }) => base)).size < servers.length)
    throw new RangeError('a server is named twice');
  return servers;
}

function parseServer(text: string): ServerAddress {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new RangeError('expected URLs that start with http: or https:');
  if (url.username !== '' || url.password !== '')
    throw new RangeError(
      'expected a URL without user name and password: the key goes into a file of its own',
    );
  if (url.search !== '') throw new RangeError('expected a URL without a query');
  const path = url.pathname.replace(/\/+$/, '');
  const model = decodeURIComponent(url.hash.slice(1));
  return { base: `${url.origin}${path === '' ? '/v1' : path}`, ...(model === '' ? {} : { model }) };
}

/** A model that servers run for us. */
export interface RemoteModel {
  readonly servers: readonly ServerAddress[];
  readonly key: string | undefined;
}
