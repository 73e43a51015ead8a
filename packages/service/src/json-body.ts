import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from './service-error.ts';

/** Bodies are JSON in UTF-8, or refused with the reason; other types are 415 unless a route adds one. */
export function addJsonBody(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain');
  limitJsonBody(app);
  app.addContentTypeParser('*', (request, _body, done) => {
    const { consumes = ['application/json'] } = request.routeOptions.schema ?? {};
    done(new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: `Expected ${consumes.join(' or ')}` }));
  });
}

/**
 * Takes JSON of up to `bodyLimit` bytes in a scope, beside other types with limits of their own: the `bodyLimit` of a
 * route would hold for all of them.
 */
export function limitJsonBody(scope: FastifyInstance, bodyLimit?: number): void {
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  const options = { parseAs: 'buffer' as const, ...(bodyLimit !== undefined && { bodyLimit }) };
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser<Buffer>('application/json', options, (request, bytes, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') {
      return done(
        new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: 'Content-Encoding is not supported' }),
      );
    }
    if (!isUtf8(bytes)) return done(new ServiceError('NOT_UTF8'));
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
    if (text.trim() === '') {
      // Many clients send the type with every request, also with those that have no body.
      return takesBody(request) ? done(new ServiceError('BODY_EMPTY')) : done(null, undefined);
    }
    void parseJson(request, text, (error, value) => done(error && explainJson(text), value));
  });
}

const takesBody = ({ routeOptions }: FastifyRequest) => routeOptions.schema?.body !== undefined;

/** The framework does not say what is wrong. */
function explainJson(text: string): ServiceError {
  try {
    JSON.parse(text);
    return new ServiceError('BODY_NOT_JSON', {
      detail: 'The names "__proto__" and "constructor" cannot be used in a body',
    });
  } catch (error) {
    return new ServiceError('BODY_NOT_JSON', {
      detail: `The body is not valid JSON: ${(error as Error).message}`,
    });
  }
}
