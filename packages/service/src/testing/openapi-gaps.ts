/** The parts of an OpenAPI document that are looked at. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** What a reader of the document would miss, by place; empty for a complete one. */
export function openApiGaps({ paths, components }: OpenApiDocument): string[] {
  const { schemas } = components;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
  const ids = operations.map(([, { operationId }]) => operationId);
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: two operations have this id`),
    ...operations.flatMap(([place, operation]) => gapsOf(place, operation, schemas)),
    ...Object.entries(schemas).flatMap(([name, schema]) => fieldGaps(name, schema, schemas)),
  ];
}

type Schemas = OpenApiDocument['components']['schemas'];

function gapsOf(place: string, operation: Operation, schemas: Schemas): string[] {
  const { operationId, tags = [], summary, parameters = [], requestBody, responses } = operation;
  const successes = Object.entries(responses).filter(([status]) => /^2/.test(status));
  const contents = [
    [`${place} body`, requestBody?.content] as const,
    ...Object.entries(responses).map(([status, { content }]) => [`${place} ${status}`, content] as const),
  ];
  const needed = { operationId, summary, tag: tags[0], 'answer of success': successes[0] };
  return [
    ...missing(place, needed),
    ...successes
      .filter(([status, { content }]) => status !== '204' && content === undefined)
      .map(([status]) => `${place} ${status}: no type`),
    ...parameters
      .filter(({ description, schema }) => description === undefined && !isDescribed(schema, schemas))
      .map(({ name }) => `${place} ?${name}: no description`),
    ...contents.flatMap(([at, content = {}]) => contentGaps(at, content, schemas)),
  ];
}

function missing(place: string, needed: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(needed).flatMap((name) => (needed[name] ? [] : [`${place}: no ${name}`]));
}

function contentGaps(place: string, content: Content, schemas: Schemas): string[] {
  return Object.entries(content).flatMap(([type, { schema, example }]) => [
    ...(/json$/.test(type) && example === undefined && !hasExample(schema, schemas)
      ? [`${place}: no example`]
      : []),
    ...(Object.keys(schema).length === 0 ? [`${place}: any type`] : []),
    ...fieldGaps(place, schema, schemas),
  ]);
}

/** A union has one where each of its forms has. */
function hasExample(schema: Schema, schemas: Schemas): boolean {
  const { examples, anyOf } = resolve(schema, schemas);
  if (examples !== undefined || schema.type === 'string') return true;
  return anyOf?.every((one) => hasExample(one, schemas)) ?? false;
}

function isDescribed(schema: Schema, schemas: Schemas): boolean {
  return Boolean(schema.description ?? resolve(schema, schemas).description);
}

function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  return name === undefined ? schema : (schemas[name] ?? {});
}

function fieldGaps(place: string, schema: Schema, schemas: Schemas): string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const { anyOf = [], oneOf = [], allOf = [] } = schema;
  const inner = [...anyOf, ...oneOf, ...allOf, ...(items === undefined ? [] : [items])];
  if (typeof additionalProperties === 'object') inner.push(additionalProperties);
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [
      ...(isDescribed(field, schemas) ? [] : [`${place}.${name}: no description`]),
      ...fieldGaps(`${place}.${name}`, field, schemas),
    ]),
    ...inner.flatMap((one) => fieldGaps(place, one, schemas)),
  ];
}
