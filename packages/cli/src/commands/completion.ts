import { Argument, type Command } from 'commander';
import type { Session } from '../command.ts';

/**
 * The script is the same for both: zsh reads completions of bash, in which it takes a name behind a colon for a modifier,
 * and `path` for the places of programs. It is made from the commands that there are.
 */
export function addCompletion(program: Command, { terminal }: Session): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .addHelpText('after', '\nFor bash, in ~/.bashrc: source <(xnai completion bash)')
    .action((shell: string) => terminal.print(scriptFor(program, shell)));
}

function scriptFor(program: Command, shell: string): string {
  const cases = [program, ...descendants(program)].map(
    (command) => `    '${pathOf(command)}') words='${wordsOf(command).join(' ')}' ;;`,
  );
  const prelude = shell === 'zsh' ? 'autoload -U +X compinit bashcompinit && compinit && bashcompinit\n' : '';
  return `${prelude}_xnai() {
  local typed= word words=
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case $word in -*) ;; *) typed="$typed $word" ;; esac
  done
  case "\${typed# }" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _xnai xnai`;
}

function descendants(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

/** The names below the program: `keys create`. */
function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();
}

function wordsOf(command: Command): readonly string[] {
  const options = command.options.flatMap(({ long }) => long ?? []);
  return [...command.commands.map((child) => child.name()), ...options, '--help'];
}
