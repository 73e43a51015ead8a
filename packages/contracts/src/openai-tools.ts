import { z } from 'zod';

const FunctionName = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]{1,64}$/, 'expected 1 to 64 of the characters A–Z a–z 0–9 . _ -')
  .describe('Of the function');

const FunctionDefinition = z.object({
  name: FunctionName,
  description: z.string().max(16_384).nullish().describe('What it does, for the model'),
  parameters: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe('JSON schema of an object; without it there are none. Arguments are always valid by it'),
});

const Tool = z.object({
  type: z.literal('function', 'only functions are called').describe('Kind of the tool'),
  function: FunctionDefinition.describe('What may be called'),
});

const NamedFunction = z.object({ name: FunctionName });

/** What a chat may call. The older names `functions` and `function_call` work alone, not beside the newer ones. */
export const ToolFields = {
  tools: z.array(Tool).max(128).nullish().describe('Functions that may be called'),
  tool_choice: z
    .union(
      [
        z.enum(['none', 'auto', 'required']),
        z.object({
          type: z.literal('function').describe('Kind of the tool'),
          function: NamedFunction.describe('Its name'),
        }),
      ],
      { error: 'expected none, auto, required, or {"type": "function", "function": {"name": "…"}}' },
    )
    .nullish()
    .describe(
      'Whether the model may call (`auto`), must (`required`), or must call the function that is named',
    ),
  parallel_tool_calls: z
    .boolean()
    .nullish()
    .describe('Whether one answer may have several calls, where the template of the model has a form for it'),
  functions: z.array(FunctionDefinition).max(128).nullish().describe('The older form of `tools`'),
  function_call: z
    .union([z.enum(['none', 'auto']), NamedFunction], { error: 'expected none, auto, or {"name": "…"}' })
    .nullish()
    .describe('The older form of `tool_choice`'),
};

type ToolRequest = z.infer<z.ZodObject<typeof ToolFields>>;

export interface OfferedTools {
  readonly functions: readonly z.infer<typeof FunctionDefinition>[];
  readonly choice: 'none' | 'auto' | 'required' | { readonly name: string };
  /** The names of the fields that offer them: answers have the form of the same age. */
  readonly fields: readonly ['tools', 'tool_choice'] | readonly ['functions', 'function_call'];
}

/** What a request offers, in the newer form or in the older one. */
export function offeredTools({ tools, tool_choice, functions, function_call }: ToolRequest): OfferedTools {
  if (tools?.length || !functions?.length) {
    const choice = typeof tool_choice === 'object' ? tool_choice?.function : tool_choice;
    const offered = (tools ?? []).map((tool) => tool.function);
    return { functions: offered, choice: choice ?? 'auto', fields: ['tools', 'tool_choice'] };
  }
  return { functions, choice: function_call ?? 'auto', fields: ['functions', 'function_call'] };
}

/** Refuses a choice that nothing is offered for, and two functions of one name. */
export function checkTools(request: ToolRequest, context: z.core.$RefinementCtx): void {
  const { functions, choice, fields } = offeredTools(request);
  const names = functions.map(({ name }) => name);
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message, input: request });
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) refuse(fields[0], `expected one function of the name "${repeated}"`);
  if (choice === 'required' && names.length === 0) refuse(fields[1], 'expected tools to choose from');
  if (typeof choice === 'object' && !names.includes(choice.name))
    refuse(fields[1], `expected the name of an offered function, not "${choice.name}"`);
}
