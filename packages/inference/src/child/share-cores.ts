import type { LlamaModel } from 'node-llama-cpp';

/** One thread while cores are shared, else as many as the context was opened with: 0 is the library's "no limit". */
export function shareCores({ llama }: LlamaModel, isShared: boolean): void {
  llama.maxThreads = isShared ? 1 : 0;
}
