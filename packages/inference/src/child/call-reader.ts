import type { CallFormat } from './call-format.ts';
import type { ReplyPiece } from './messages.ts';

export interface CallReader {
  /** Takes a text of the calls, and returns what it adds: names whole, arguments as they come. */
  read(text: string): readonly ReplyPiece[];
  /** Whether no call is unfinished, and there was one. */
  readonly isComplete: boolean;
}

/** Reads calls that a grammar holds to the form, from the text `begin` on. */
export function createCallReader(format: CallFormat, names: readonly string[], begin: string): CallReader {
  const heads = names.map((name) => ({ name, head: name + format.beforeArguments(name) }));
  let expected = begin;
  let held = '';
  let state: 'before' | 'name' | 'arguments' | 'after' = 'before';
  let scanner = createObjectScanner();

  /** Undefined: more text is needed. */
  function step(): readonly ReplyPiece[] | undefined {
    switch (state) {
      case 'before':
        return skip(expected, 'name');
      case 'name':
        return name();
      case 'arguments':
        return argumentsOf();
      case 'after':
        if (format.beforeNext === undefined || held === '') return undefined;
        return skip(`${expected}${format.beforeNext}`, 'name');
    }
  }

  function skip(text: string, next: 'name'): readonly ReplyPiece[] | undefined {
    if (!held.startsWith(text)) return undefined;
    held = held.slice(text.length);
    state = next;
    return [];
  }

  function name(): readonly ReplyPiece[] | undefined {
    const found = heads.find(({ head }) => held.startsWith(head));
    if (found === undefined) return undefined;
    held = held.slice(found.head.length);
    expected = format.afterArguments(found.name);
    scanner = createObjectScanner();
    state = 'arguments';
    return [{ part: 'call', text: found.name }];
  }

  function argumentsOf(): readonly ReplyPiece[] | undefined {
    if (held === '') return undefined;
    const end = scanner.endIn(held);
    const text = held.slice(0, end ?? held.length);
    held = held.slice(text.length);
    if (end !== undefined) state = 'after';
    return [{ part: 'arguments', text }];
  }

  return {
    read(text) {
      held += text;
      const pieces: ReplyPiece[] = [];
      for (let read = step(); read !== undefined; read = step()) pieces.push(...read);
      return pieces;
    },
    get isComplete() {
      return state === 'after';
    },
  };
}

/** Finds the end of a JSON object in a text that comes in parts. */
function createObjectScanner() {
  let depth = 0;
  let inText = false;
  let isEscaped = false;
  const closes = (character: string): boolean => {
    if (isEscaped) isEscaped = false;
    else if (character === '"') inText = !inText;
    else if (inText) isEscaped = character === '\\';
    else if ('{['.includes(character)) depth += 1;
    else if ('}]'.includes(character)) return --depth === 0;
    return false;
  };
  return {
    /** The position after the object's last character. */
    endIn(text: string): number | undefined {
      for (let at = 0; at < text.length; at++) if (closes(text.charAt(at))) return at + 1;
      return undefined;
    },
  };
}
