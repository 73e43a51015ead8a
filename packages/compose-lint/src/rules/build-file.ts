import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Finding, Rule } from '../finding.ts';
import { isWithin, mountsOf } from '../mounts.ts';

/** What a Containerfile does that the running container undoes, or cannot use. A file that is not there is not judged. */
export const buildFile: Rule = ({ name, service, folder }) => {
  if (service.build === undefined) return [];
  const context = resolve(folder, service.build.context ?? '.');
  const given = service.build.dockerfile;
  const names = given === undefined ? ['Containerfile', 'Dockerfile'] : [given];
  const file = names.map((one) => resolve(context, one)).find((path) => existsSync(path));
  if (file === undefined) return [];
  const tmpfs = mountsOf(name, service).filter(({ kind }) => kind === 'tmpfs');
  const isHidden = (path: string) => tmpfs.some(({ destination }) => isWithin(path, destination));
  return instructions(readFileSync(file, 'utf8')).flatMap(({ line, text }) =>
    [...judge(text, isHidden)].map(([message, cure]) => ({
      rule: 'build-file',
      path: ['services', name, 'build'],
      message,
      cure,
      place: { file, line },
    })),
  ) satisfies readonly Finding[];
};

function* judge(text: string, isHidden: (path: string) => boolean): Generator<readonly [string, string]> {
  for (const [mount] of text.matchAll(/--mount=type=cache\S*/g)) {
    const target = /(?:target|dst|destination)=([^,\s]+)/.exec(mount)?.[1] ?? '';
    const uid = /uid=(\d+)/.exec(mount)?.[1] ?? '0';
    if (isWithin(target, '/root') && uid !== '0') {
      const message = `the cache at ${target} belongs to uid ${uid}, which may not enter the home folder of root`;
      yield [message, 'run the step as root with uid=0,gid=0, or put the cache below a folder of that user'];
    }
  }
  const [, mode, path = ''] = /chmod\s+(?:-\w+\s+)*(0?777|1777)\s+(\S+)/.exec(text) ?? [];
  if (mode !== undefined && !/^\/(var\/)?tmp\/?$/.test(path)) {
    const effect = isHidden(path) ? 'which a tmpfs hides' : 'so that every user may write there';
    yield [`chmod ${mode} of ${path}, ${effect}`, 'remove it, and mount a tmpfs with mode=0700,U there'];
  }
  const [, variable] = /^(?:ENV|ARG)\s+(\w*(?:PASSWORD|SECRET|TOKEN|API_?KEY))[=\s]\S/i.exec(text) ?? [];
  if (variable !== undefined)
    yield [`${variable} becomes a part of the image`, 'use RUN --mount=type=secret, or give it at run time'];
}

/** The instructions, continued lines joined, with the number of their first line. */
function instructions(text: string): readonly { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  let isContinued = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const words = line.trim().replace(/\\$/, '');
    const last = found.at(-1);
    if (isContinued && last !== undefined) last.text += ` ${words}`;
    else found.push({ line: index + 1, text: words });
    isContinued = line.trimEnd().endsWith('\\');
  }
  return found;
}
