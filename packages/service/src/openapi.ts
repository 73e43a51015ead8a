import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema } from 'fastify';
import type { App } from './app-type.ts';
import { responsesOf } from './openapi-responses.ts';
import { createSchemaWriter } from './openapi-schemas.ts';
import type { Scope } from './scopes.ts';

/** `/openapi.json`, written from the zod schemas of the routes, and `/docs` to try the routes. */
export async function addOpenApi(app: App, info: { title: string; version: string }): Promise<void> {
  const { write, components } = createSchemaWriter();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', bearerFormat: 'xnai_…' } } },
    },
    transform: ({ schema, url, route }) => {
      if (schema === undefined || schema.hide === true) return { schema: { hide: true }, url };
      const { response: _response, ...request } = withSecurity(schema, route.config?.scope);
      const answers = { response: responsesOf(schema, route.config) };
      const name = { operationId: operationId(route.method, url), tags: [tagOf(url)] };
      return { schema: { ...name, ...write(request, 'input'), ...write(answers, 'output') }, url };
    },
    transformObject: (document) => {
      const { openapiObject } = document as { openapiObject: { components?: object } };
      return { ...openapiObject, components: { ...openapiObject.components, schemas: components } };
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: true, displayRequestDuration: true },
    // Every part of the page comes from this service, so that it works without a network.
    staticCSP: {
      'default-src': "'self'",
      'img-src': "'self' data:",
      'style-src': "'self' 'unsafe-inline'",
      'frame-ancestors': "'none'",
    },
    theme: { title: info.title },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

/** What a browser finds at the address of a service that has no page of its own there. */
export function leadToDocs(app: App): void {
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'));
}

/** `POST /v1/collections/:collection/documents` is `postCollectionsByCollectionDocuments`. */
function operationId(method: string | readonly string[], url: string): string {
  const words = segmentsOf(url).flatMap((segment) =>
    segment.startsWith(':') ? ['by', segment.slice(1)] : segment === '*' ? ['any'] : segment.split(/[-_.:]+/),
  );
  const [verb = ''] = [method].flat();
  return verb.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** Routes of one thing stand together in `/docs`. */
const tagOf = (url: string): string => segmentsOf(url)[0] ?? 'service';

const segmentsOf = (url: string): string[] => url.split('/').filter((segment) => !/^(?:|v1)$/.test(segment));

/** What every route says beside its own schema: the scope that it needs. */
function withSecurity(schema: FastifySchema, scope: Scope | readonly Scope[] | undefined): FastifySchema {
  const { description } = schema;
  const described = [
    description,
    `Scope: ${[scope]
      .flat()
      .map((one) => `\`${one}\``)
      .join(' or ')}.`,
  ]
    .filter(Boolean)
    .join('\n\n');
  return {
    ...schema,
    ...(scope === undefined ? { security: [] } : { security: [{ key: [] }], description: described }),
  };
}
