import { randomUUID } from 'node:crypto';
import type { ModelResponse, UrlCitation } from '@xnai/contracts';
import type { ChatEvent } from '../chat-event.ts';

/** Type and fields of an event, before it has its number. */
export type Named = readonly [type: string, fields: Readonly<Record<string, unknown>>];

export type OutputItem = ModelResponse['output'][number];
type Status = OutputItem['status'];
type Part = Extract<ChatEvent, { type: 'text' | 'thought' | 'call' | 'arguments' }>;

export interface OutputItems {
  readonly items: readonly OutputItem[];
  /** The events that a part of the answer is sent as. */
  add(part: Part): readonly Named[];
  /** Ends the last item; the citations are of its text. */
  end(status: Status, citations: readonly UrlCitation[]): readonly Named[];
}

/** Puts the parts of an answer together to items, one after the other: texts, thoughts, and calls of functions. */
export function createOutputItems(): OutputItems {
  const items: OutputItem[] = [];
  let open: Open | undefined;
  const begin = (kind: Kind, name = ''): readonly Named[] => {
    open = { kind, name, id: newId(PREFIXES[kind]), callId: newId('call'), index: items.length, text: '' };
    return openingOf(open);
  };
  const close = (status: Status, citations: readonly UrlCitation[] = []): readonly Named[] => {
    if (open === undefined) return [];
    const item = itemOf(open, status, citations);
    const events = closingOf(open, item);
    items.push(item);
    open = undefined;
    return events;
  };
  return {
    items,
    add(part) {
      const kind = KINDS[part.type];
      if (part.type === 'call') return [...close('completed'), ...begin(kind, part.name)];
      const opened = open?.kind === kind ? [] : [...close('completed'), ...begin(kind)];
      if (open === undefined) return opened;
      open = { ...open, text: open.text + part.text };
      return [...opened, [`${TEXTS[kind]}.delta`, { ...textPlaceOf(open), delta: part.text }]];
    },
    end(status, citations) {
      const isEmpty = items.length === 0 && open === undefined;
      return [...(isEmpty ? begin('message') : []), ...close(status, citations)];
    },
  };
}

type Kind = OutputItem['type'];

interface Open {
  readonly kind: Kind;
  readonly id: string;
  readonly index: number;
  readonly text: string;
  /** Of a call. */
  readonly name: string;
  readonly callId: string;
}

const KINDS = {
  text: 'message',
  thought: 'reasoning',
  call: 'function_call',
  arguments: 'function_call',
} as const satisfies Record<Part['type'], Kind>;
const PREFIXES = { message: 'msg', reasoning: 'rs', function_call: 'fc' } as const;
const TEXTS = {
  message: 'response.output_text',
  reasoning: 'response.reasoning_text',
  function_call: 'response.function_call_arguments',
} as const;

const newId = (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '')}`;

function openingOf(open: Open): readonly Named[] {
  const item = itemOf(open, 'in_progress', []);
  const empty = item.type === 'function_call' ? item : { ...item, content: [] };
  return [
    ['response.output_item.added', { output_index: open.index, item: empty }],
    ...partEvents('added', open, item),
  ];
}

function closingOf(open: Open, item: OutputItem): readonly Named[] {
  const annotations = item.type === 'message' ? (item.content[0]?.annotations ?? []) : [];
  const text =
    open.kind === 'function_call' ? { name: open.name, arguments: open.text } : { text: open.text };
  return [
    ...annotations.map(
      (annotation, annotation_index): Named => [
        'response.output_text.annotation.added',
        { ...partPlaceOf(open), annotation, annotation_index },
      ],
    ),
    [`${TEXTS[open.kind]}.done`, { ...textPlaceOf(open), ...text }],
    ...partEvents('done', open, item),
    ['response.output_item.done', { output_index: open.index, item }],
  ];
}

/** A call has no parts. */
function partEvents(what: 'added' | 'done', open: Open, item: OutputItem): readonly Named[] {
  if (item.type === 'function_call') return [];
  return [[`response.content_part.${what}`, { ...partPlaceOf(open), part: item.content[0] }]];
}

const partPlaceOf = ({ id, index }: Open) => ({ item_id: id, output_index: index, content_index: 0 });

function textPlaceOf(open: Open) {
  if (open.kind === 'function_call') return { item_id: open.id, output_index: open.index };
  return { ...partPlaceOf(open), ...(open.kind === 'message' && { logprobs: [] }) };
}

function itemOf(open: Open, status: Status, citations: readonly UrlCitation[]): OutputItem {
  const { kind, id, text, name, callId: call_id } = open;
  switch (kind) {
    case 'message': {
      const annotations = citations.map((one) => ({ type: 'url_citation' as const, ...one }));
      const content = [{ type: 'output_text' as const, text, annotations, logprobs: [] }];
      return { type: kind, id, status, role: 'assistant', content };
    }
    case 'reasoning':
      return { type: kind, id, status, summary: [], content: [{ type: 'reasoning_text', text }] };
    case 'function_call':
      return { type: kind, id, status, call_id, name, arguments: text };
    default:
      return kind satisfies never;
  }
}
