import { verifyModelFiles } from '@xnai/inference/model-folder';
import { examine, type Finding, LEVELS, openHost, root } from '@xnai/ops';
import type { Command } from 'commander';
import { addCommand, type Outcome, type Session } from '../command.ts';

export function addDoctor(program: Command, session: Session): void {
  addCommand(program, 'doctor', session, doctor).description(
    'say what is wrong with this machine and the stack on it, and how to cure it; changes nothing',
  );
}

async function doctor(): Promise<Outcome> {
  const findings = await examine(openHost(), { root, verifyModels: verifyModelFiles });
  const isIll = findings.some(({ level }) => level === 'error');
  return {
    data: { findings },
    text: [...findings.map(toLines), '', count(findings)].join('\n'),
    code: isIll ? 1 : 0,
  };
}

function toLines({ level, subject, cause, command }: Finding): string {
  const line = `${level.padEnd(8)} ${subject}: ${cause}`;
  return command === undefined ? line : `${line}\n         $ ${command}`;
}

function count(findings: readonly Finding[]): string {
  return LEVELS.map(
    (level) => `${findings.filter((finding) => finding.level === level).length} ${level}`,
  ).join(', ');
}
