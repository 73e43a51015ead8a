import { bool, type GgufMetadata, string, u32 } from './gguf-file.ts';

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const UNUSED = 5;
const BYTE = 6;

const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

export interface Vocabulary {
  readonly size: number;
  readonly endToken: number;
  readonly metadata: GgufMetadata;
  id(piece: string): number;
}

/** A SentencePiece vocabulary of bytes, ASCII characters and the given pieces, with ChatML's two special tokens. */
export function sentencePieceVocabulary(pieces: readonly string[]): Vocabulary {
  const tokens = ['<unk>', '<s>', '</s>'];
  const types = [UNKNOWN, CONTROL, CONTROL];
  const add = (token: string, type: number) => {
    if (tokens.includes(token)) return;
    tokens.push(token);
    types.push(type);
  };
  for (let byte = 0; byte < 256; byte++) {
    add(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, BYTE);
  }
  add('<|im_start|>', CONTROL);
  add('<|im_end|>', CONTROL);
  add('▁', NORMAL);
  for (let code = 33; code < 127; code++) add(String.fromCharCode(code), NORMAL);
  // As in trained models, a mark such as <think> is a special token, of which there is no text unless it is asked for.
  for (const piece of pieces) add(spaceMarked(piece), /^<[^<>\s]+>$/.test(piece) ? CONTROL : NORMAL);
  while (tokens.length % 32 !== 0) add(`<pad${tokens.length}>`, UNUSED);
  const endToken = tokens.indexOf('<|im_end|>');
  return {
    size: tokens.length,
    endToken,
    id: (piece) => tokens.indexOf(spaceMarked(piece)),
    metadata: {
      'tokenizer.ggml.model': string('llama'),
      'tokenizer.ggml.pre': string('default'),
      'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
      'tokenizer.ggml.scores': { type: 'f32s', value: tokens.map((_, index) => -index) },
      'tokenizer.ggml.token_type': { type: 'i32s', value: types },
      'tokenizer.ggml.bos_token_id': u32(1),
      'tokenizer.ggml.eos_token_id': u32(endToken),
      'tokenizer.ggml.unknown_token_id': u32(0),
      'tokenizer.ggml.add_bos_token': bool(true),
      'tokenizer.ggml.add_space_prefix': bool(false),
      'tokenizer.chat_template': string(CHATML),
    },
  };
}

/** A WordPiece vocabulary: word beginnings carry U+2581, continuations are bare, as llama.cpp stores them. */
export function wordPieceVocabulary(words: readonly string[]): Vocabulary {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const types = [CONTROL, UNKNOWN, CONTROL, CONTROL, CONTROL];
  const add = (token: string, type: number) => {
    if (tokens.includes(token)) return;
    tokens.push(token);
    types.push(type);
  };
  for (let code = 33; code < 127; code++) {
    const character = String.fromCharCode(code).toLowerCase();
    add(`▁${character}`, NORMAL);
    add(character, NORMAL);
  }
  for (const word of words) add(`▁${word}`, NORMAL);
  while (tokens.length % 32 !== 0) add(`[unused${tokens.length}]`, UNUSED);
  return {
    size: tokens.length,
    endToken: 3,
    id: (piece) => tokens.indexOf(piece),
    metadata: {
      'tokenizer.ggml.model': string('bert'),
      'tokenizer.ggml.pre': string('default'),
      'tokenizer.ggml.token_type_count': u32(2),
      'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
      'tokenizer.ggml.token_type': { type: 'i32s', value: types },
      'tokenizer.ggml.padding_token_id': u32(0),
      'tokenizer.ggml.unknown_token_id': u32(1),
      'tokenizer.ggml.cls_token_id': u32(2),
      'tokenizer.ggml.bos_token_id': u32(2),
      'tokenizer.ggml.eos_token_id': u32(3),
      'tokenizer.ggml.seperator_token_id': u32(3),
      'tokenizer.ggml.mask_token_id': u32(4),
    },
  };
}

function spaceMarked(piece: string): string {
  return piece.replaceAll(' ', '▁');
}
