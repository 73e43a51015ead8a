import { setTimeout as delay } from 'node:timers/promises';

export type EngineComplaint = ReturnType<typeof createEngineComplaint>;

/** The engine's own words about a failure; the library's error says no more than "Failed to load model". */
export function createEngineComplaint() {
  let reason: string | undefined;
  return {
    hear(message: string): void {
      reason = /^llama_model_load: error loading model: (.+)/.exec(message)?.[1] ?? reason;
    },
    /** The engine's reason, or the error's own message when the engine gave none. */
    async explain(error: unknown): Promise<string> {
      // Log messages of the engine pass a queue of their own and arrive a moment after its failure.
      await delay(reason === undefined ? LOG_DELAY_MS : 0);
      return reason ?? (error instanceof Error ? error.message : String(error));
    },
  };
}

const LOG_DELAY_MS = 100;
