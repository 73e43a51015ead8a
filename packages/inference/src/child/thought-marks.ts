import { Template } from '@huggingface/jinja';

/** Texts around a thought. */
export interface ThoughtMarks {
  readonly open: string;
  readonly close: string;
}

/** The marks of the models that think, as node-llama-cpp knows them; a template that names a pair uses it. */
export function findThoughtMarks(template: string): ThoughtMarks | undefined {
  return MARKS.find(({ open, close }) => template.includes(open) && template.includes(close));
}

const MARKS: readonly ThoughtMarks[] = [
  { open: '<think>', close: '</think>' },
  { open: '<thought>', close: '</thought>' },
  { open: '[THINK]', close: '[/THINK]' },
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>' },
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>' },
];

/** The text with which a template opens a thought ahead of each answer. node-llama-cpp leaves that text out. */
export function readThoughtOpening(template: string, { open }: ThoughtMarks): string | undefined {
  const prompt = render(template);
  const at = prompt.lastIndexOf(open);
  return at !== -1 && prompt.slice(at + open.length).trim() === '' ? prompt.slice(at) : undefined;
}

function render(template: string): string {
  try {
    const messages = [{ role: 'user', content: 'x' }];
    return new Template(template).render({
      messages,
      add_generation_prompt: true,
      bos_token: '',
      eos_token: '',
    });
  } catch {
    // What cannot be rendered alone is not used either: another template took its place, with a warning.
    return '';
  }
}
