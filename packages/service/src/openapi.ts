import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Problem } from '@xnai/contracts';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { App } from './app-type.ts';
import { finishNames, nameContracts } from './openapi-names.ts';

/** `/openapi.json` out of the zod schemas of the routes, and `/docs` to try them. */
export async function addOpenApi(app: App, info: { title: string; version: string }): Promise<void> {
  nameContracts();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', bearerFormat: 'xnai_…' } } },
    },
    transform: (document) => {
      const { schema, route } = document;
      return jsonSchemaTransform({ ...document, schema: withSecurity(schema, route.config?.scope) });
    },
    transformObject: (document) => finishNames(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: true, displayRequestDuration: true },
    // All of the page comes from here: it works without a network, and takes nothing from one.
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

type RouteSchema = Parameters<typeof jsonSchemaTransform>[0]['schema'];

function withSecurity(schema: RouteSchema, scope: string | undefined): RouteSchema {
  if (schema === undefined || (schema as { hide?: boolean }).hide) return schema;
  const { response, ...rest } = schema as { response?: object; description?: string };
  return {
    ...rest,
    ...(scope === undefined
      ? { security: [] }
      : {
          security: [{ key: [] }],
          description: [rest.description, `Scope: \`${scope}\`.`].filter(Boolean).join('\n\n'),
        }),
    response: { ...response, default: PROBLEM_RESPONSE },
  } as RouteSchema;
}

const PROBLEM_RESPONSE = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: Problem } },
};
