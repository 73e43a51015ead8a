import { bool, type GgufMetadata, string, u32 } from './gguf-file.ts';

/** A piece of text, with the logarithm of its probability. */
export interface ScoredPiece {
  readonly text: string;
  readonly score: number;
}

/**
 * SentencePiece's unigram model, which llama.cpp knows under the name of T5. The first piece stands for what is unknown,
 * the second and third for the beginning and the end of a text; neither is added to it.
 */
export function unigramVocabulary(pieces: readonly ScoredPiece[]): GgufMetadata {
  const seen = new Set<string>();
  // llama.cpp takes no piece twice; the second one could never be chosen.
  const texts = pieces.map(({ text }, id) => {
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew ? text : `<again ${id}>`;
  });
  return {
    'tokenizer.ggml.model': string('t5'),
    'tokenizer.ggml.pre': string('default'),
    'tokenizer.ggml.tokens': { type: 'strings', value: texts },
    'tokenizer.ggml.scores': { type: 'f32s', value: pieces.map(({ score }) => score) },
    'tokenizer.ggml.token_type': { type: 'i32s', value: texts.map((_, id) => SPECIAL_TYPES[id] ?? NORMAL) },
    'tokenizer.ggml.unknown_token_id': u32(0),
    'tokenizer.ggml.bos_token_id': u32(1),
    'tokenizer.ggml.eos_token_id': u32(2),
    'tokenizer.ggml.add_bos_token': bool(false),
    'tokenizer.ggml.add_eos_token': bool(false),
    'tokenizer.ggml.add_space_prefix': bool(true),
    'tokenizer.ggml.remove_extra_whitespaces': bool(true),
    'tokenizer.ggml.precompiled_charsmap': { type: 'u8s', value: charsMap(['\t', '\n', '\r'], ' ') },
  };
}

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const SPECIAL_TYPES = [UNKNOWN, CONTROL, CONTROL];

/**
 * SentencePiece's table of what is replaced before a text is read: a trie as a double array of 32-bit words, whose length
 * in bytes comes first, and then the replacements, each ended by a zero. This one holds single bytes only: the node of
 * byte `b` is word 256 + b, its value word 512 + b.
 */
function charsMap(bytes: readonly string[], replacement: string): Uint8Array {
  const IS_LEAF = 1 << 8;
  const IS_VALUE = 2 ** 31;
  const words = new Uint32Array(768);
  const base = (from: number, to: number) => (from ^ to) << 10;
  words[0] = base(0, 256);
  for (const byte of bytes) {
    const code = byte.charCodeAt(0);
    words[256 + code] = base(256 + code, 512 + code) | IS_LEAF | code;
    words[512 + code] = IS_VALUE;
  }
  const length = new Uint32Array([words.byteLength]);
  return Buffer.concat([
    Buffer.from(length.buffer),
    Buffer.from(words.buffer),
    Buffer.from(`${replacement}\0`),
  ]);
}
