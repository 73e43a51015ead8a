import * as contracts from '@xnai/contracts';
import { z } from 'zod';

// The type provider calls the form that requests take `${id}Input`. Ids end in a mark, so that a contract
// called DocumentInput and the input form of Document stay apart until the names are final.
const MARK = '_';
const INPUT = `${MARK}Input`;

/**
 * Gives the contracts' schemas their names in OpenAPI documents: a reader meets `SearchRequest` once instead
 * of its fields everywhere. Zod keeps names and descriptions in one registry for the process.
 */
export function nameContracts(): void {
  for (const [name, schema] of Object.entries(contracts)) {
    // A query string is spelled out as parameters: a reference in its place would lead nowhere.
    if (!(schema instanceof z.ZodType) || schema === contracts.PageQuery) continue;
    const meta = z.globalRegistry.get(schema);
    if (meta?.id === undefined) z.globalRegistry.add(schema, { ...meta, id: name + MARK });
  }
}

interface OpenApiDocument {
  readonly paths?: unknown;
  readonly components?: { readonly schemas?: Record<string, unknown> };
}

/** Keeps the named schemas that the routes refer to, under their plain names. */
export function finishNames<Doc extends OpenApiDocument>(document: Doc): Doc {
  const schemas = document.components?.schemas ?? {};
  const used = usedNames(document.paths, schemas);
  const kept = Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => used.has(name))
      .map(([name, schema]) => [name, name.endsWith(INPUT) ? schema : opened(schema)]),
  );
  const renamed = JSON.stringify(
    { ...document, components: { ...document.components, schemas: kept } },
    (key, value) => {
      if (key === '$ref' && typeof value === 'string')
        return `${PREFIX}${plainName(value.slice(PREFIX.length), used)}`;
      if (value !== kept) return value;
      return Object.fromEntries(
        Object.entries(kept).map(([name, schema]) => [plainName(name, used), schema]),
      );
    },
  );
  return JSON.parse(renamed);
}

const PREFIX = '#/components/schemas/';

function usedNames(paths: unknown, schemas: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const used = new Set<string>();
  const waiting = refsIn(paths);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    waiting.push(...refsIn(schemas[name]));
  }
  return used;
}

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child.slice(PREFIX.length)] : refsIn(child),
  );
}

// Answers may gain fields at any time: a client must not be generated that refuses them.
function opened(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (_key, value) => {
    if (value?.additionalProperties === false) delete value.additionalProperties;
    return value;
  });
}

// A schema that is only sent, or only received, has the contract's own name; used both ways, the two forms
// differ (defaults are optional in a request and always there in an answer).
function plainName(name: string, used: ReadonlySet<string>): string {
  if (!name.endsWith(INPUT)) return name.endsWith(MARK) ? name.slice(0, -MARK.length) : name;
  const contract = name.slice(0, -INPUT.length);
  return used.has(contract + MARK) ? `${contract}${INPUT}` : contract;
}
