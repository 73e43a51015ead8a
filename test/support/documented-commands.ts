/** The commands that a document shows: its indented blocks, and code in its text that npm runs. */
export function documentedCommands(markdown: string): readonly string[] {
  const blocks = markdown.match(/(?:^ {4}.*\n(?:\n(?= {4}))?)+/gm) ?? [];
  const inText = markdown.replace(/^ {4}.*$/gm, '').matchAll(IN_TEXT);
  const all = [...blocks.flatMap(commandsOfBlock), ...[...inText].map(([, command = '']) => command)];
  return [...new Set(all.map((command) => command.replace(/\s+/g, ' ').trim()))].filter(Boolean);
}

const IN_TEXT = /`((?:[A-Z_]+=\S+ )*(?:npm (?:run|start|test)|npx|BACKUP)\b[^`]*)`/g;

/** Where some lines begin with a prompt, the others are what was answered. */
function commandsOfBlock(block: string): readonly string[] {
  const lines = block.split('\n').map((line) => line.slice(4));
  const prompted = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
  const commands = prompted.length > 0 ? prompted : lines;
  return commands.map((command) => command.replace(/ +# .*$/, ''));
}
