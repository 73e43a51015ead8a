import type { TextDocument } from '@xnai/contracts';
import { openParent } from '@xnai/service/parent';
import { ReadError } from '@xnai/text';
import { type FileNames, readFile } from '@xnai/text/files';

export interface FileRequest {
  readonly bytes: Uint8Array;
  readonly names: FileNames;
}

export type FileReply =
  | { readonly document: TextDocument }
  | { readonly code: string; readonly detail: string };

const parent = openParent<FileRequest, FileReply>(async (request) => parent.send(await reply(request)));

async function reply({ bytes, names }: FileRequest): Promise<FileReply> {
  try {
    return { document: await readFile(bytes, names) };
  } catch (error) {
    if (error instanceof ReadError) return { code: error.code, detail: error.message };
    throw error;
  }
}
