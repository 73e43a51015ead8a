import type { CallOptions } from '@xnai/contracts/client';
import type { z } from 'zod';

/** One thing that a model may do: a call of the API. Its schemas are those of the route. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** Read by the model. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  /** Default: it only reads. */
  readonly changes?: boolean;
  /** @throws {ClientError} */
  run(input: z.output<Input>, options: CallOptions): Promise<z.output<Output>>;
  /** The same for people, and for models that read no structured content. */
  toText(result: z.output<Output>): string;
}

/** Keeps the types of one tool together. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool {
  return tool as unknown as Tool;
}
