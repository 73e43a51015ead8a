import { signal } from '@preact/signals';
import { IngestResult, MAX_DOCUMENT_BYTES } from '@xnai/contracts';
import { authorization } from '../api.ts';
import { texts } from '../texts.ts';

export type UploadState =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'sending'; readonly share: number }
  | { readonly phase: 'reading' }
  | { readonly phase: 'done'; readonly result: IngestResult }
  | { readonly phase: 'failed'; readonly reason: string };

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly collection: string;
  readonly state: UploadState;
}

/** Newest first. They go on while another panel is open. */
export const uploads = signal<readonly Upload[]>([]);
/** Rises when documents were added. */
export const arrivals = signal(0);

/** rag reads files one at a time: more at once would only wait there. */
const AT_ONCE = 2;
let lastId = 0;

export function addUploads(files: readonly File[], collection: string): void {
  const added = files.map((file): Upload => {
    lastId += 1;
    return { id: lastId, file, collection, state: { phase: 'waiting' } };
  });
  uploads.value = [...added, ...uploads.value];
  for (let n = 0; n < AT_ONCE; n += 1) sendNext();
}

export function forgetEnded(): void {
  uploads.value = uploads.value.filter(({ state: { phase } }) => phase !== 'done' && phase !== 'failed');
}

const isUnderWay = ({ state: { phase } }: Upload) => phase === 'sending' || phase === 'reading';

function sendNext(): void {
  const next = uploads.value.findLast(({ state }) => state.phase === 'waiting');
  if (next === undefined || uploads.value.filter(isUnderWay).length >= AT_ONCE) return;
  if (next.file.size > MAX_DOCUMENT_BYTES) end(next.id, { phase: 'failed', reason: texts.upload.tooLarge });
  else send(next);
}

/** `fetch` does not tell how much has been sent. */
function send({ id, file, collection }: Upload): void {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append('file', file);
  update(id, { phase: 'sending', share: 0 });
  request.upload.onprogress = ({ loaded, total }) => update(id, { phase: 'sending', share: loaded / total });
  request.upload.onload = () => update(id, { phase: 'reading' });
  request.onload = () => end(id, stateOf(request));
  request.onerror = () => end(id, { phase: 'failed', reason: texts.errors.away });
  request.open('POST', `/v1/collections/${encodeURIComponent(collection)}/documents`);
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.send(form);
}

function stateOf({ status, responseText }: XMLHttpRequest): UploadState {
  const body = parse(responseText);
  const result = IngestResult.safeParse(body);
  if (status < 300 && result.success) return { phase: 'done', result: result.data };
  const { detail } = (body ?? {}) as { detail?: unknown };
  return { phase: 'failed', reason: typeof detail === 'string' ? detail : texts.upload.status(status) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function end(id: number, state: UploadState): void {
  update(id, state);
  if (state.phase === 'done') arrivals.value += 1;
  sendNext();
}

function update(id: number, state: UploadState): void {
  uploads.value = uploads.value.map((upload) => (upload.id === id ? { ...upload, state } : upload));
}
