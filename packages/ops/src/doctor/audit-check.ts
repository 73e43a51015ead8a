import { join, resolve } from 'node:path';
import { readSigningKey } from '@xnai/secrets';
import { listWriters, verifyAudit } from '../audit/index.ts';
import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';

/** Whether the record of acts is as it was written. */
export async function checkAudit({
  host,
  root,
  settings,
  dataDir,
  isInside,
}: Scene): Promise<readonly Finding[]> {
  const { error, ok } = about('audit');
  const placeOf = (setting: string, otherwise: string) =>
    host.at(resolve(root, settings[setting] || join(dataDir, otherwise)));
  const folder = placeOf('XNAI_AUDIT_DIR', 'audit');
  const keyFile = placeOf('XNAI_AUDIT_KEY_FILE', 'audit-key');
  if ((await listWriters(folder)).length === 0) return [ok('none yet: the first start begins it')];
  const key = await readSigningKey(keyFile).catch((cause: Error) => cause);
  if (key instanceof Error)
    return [error(`the key that signs the record cannot be read: ${key.message}`, `ls -l ${keyFile}`)];
  const { chains, findings } = await verifyAudit(folder, { key });
  const [first] = findings;
  if (first === undefined) {
    const lines = chains.reduce((sum, chain) => sum + chain.lines, 0);
    return [ok(`${lines} lines in ${folder}, each as it was written`)];
  }
  const others = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`;
  const verify = isInside ? 'xnai audit verify' : 'npm run audit -- verify';
  return [
    error(
      `the record in ${folder} was changed: ${first.at ?? first.writer}: ${first.text}${others}`,
      `${verify}   # names every place; with the stack stopped, mv ${folder} ${folder}.broken keeps it and begins another`,
    ),
  ];
}
