import type { ModelSource } from './files/model-source.ts';
import type { Priority } from './model.ts';
import type { ModelRole } from './process/ipc.ts';

export interface ModelsConfig {
  readonly sources: Readonly<Record<ModelRole, ModelSource>>;
  readonly directory: string;
  readonly endpoint: string;
  readonly mayFetch: boolean;
  readonly threads: number | undefined;
  /** `auto`, `off`, or the index of a device. */
  readonly vulkan: 'auto' | 'off' | number;
  /** `GGML_VK_VISIBLE_DEVICES` as a person set it. */
  readonly visibleDevices: string | undefined;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly queue?: Readonly<Record<Priority, number>>;
  readonly keptPrefixes: readonly string[];
  readonly lookupPrediction: boolean;
}
