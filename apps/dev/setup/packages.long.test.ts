import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** The machine's own folders under a layer in memory, so that each change to them is gone afterwards. */
const LAYERS = [
  'mount -t tmpfs -o size=2g tmpfs /mnt',
  ...['usr', 'var', 'etc'].map(
    (folder) =>
      `mkdir /mnt/${folder} /mnt/${folder}.work && mount -t overlay overlay -o lowerdir=/${folder},upperdir=/mnt/${folder},workdir=/mnt/${folder}.work /${folder}`,
  ),
  'dpkg --purge --force-depends chromium chromium-common chromium-sandbox >/dev/null 2>&1; true',
].join(' && ');
const CHROMIUM = '/usr/lib/chromium/chromium';
const installer = new URL('./packages.mjs', import.meta.url).href;
const INSTALL = `node -e 'import("${installer}").then(({ installChromium }) => installChromium())'`;

function inLayers(script: string) {
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `exec 2>&1; ${LAYERS} && ${script}`],
    {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${process.execPath.replace(/\/node$/, '')}:${process.env['PATH']}` },
    },
  );
  return { status, output: stdout + stderr };
}

const canInstall = inLayers('apt-get -qq update && apt-get -qq -s install chromium').status === 0;
if (!canInstall)
  process.stderr.write('skipped: no permission to mount, or no package of Chromium is available\n');

test.skipIf(!canInstall)('the set-up installs the Chromium of the distribution, and it starts', () => {
  const start = `${CHROMIUM} --headless --no-sandbox --user-data-dir=/mnt/profile --dump-dom about:blank 2>/dev/null`;
  const { output } = inLayers(`[ ! -e ${CHROMIUM} ] && CI=1 ${INSTALL} && ${start}`);
  expect(output).toContain('installing chromium from the distribution');
  expect(output).toContain('<html>');
});

const madison = spawnSync('apt-cache', ['madison', 'chromium'], { encoding: 'utf8' }).stdout;
/** The newest first. */
const versions = [...madison.matchAll(/\| +(\S+) +\|.* Packages$/gm)].map(([, version]) => version);

test.skipIf(!canInstall || versions.length < 2)(
  'a CI run replaces an older Chromium by the newest of the distribution, once',
  () => {
    const older = ['chromium', 'chromium-common'].map((name) => `${name}=${versions.at(-1)}`).join(' ');
    const installOlder = `apt-get -qq -y --no-install-recommends install ${older} >/dev/null 2>&1`;
    const show = "dpkg-query --show --showformat='${Version}\\n' chromium";
    const { output } = inLayers(
      `${installOlder} && ${show} && CI=1 ${INSTALL} && CI=1 ${INSTALL} && ${show}`,
    );
    expect(output.trim().split('\n')).toEqual([
      versions.at(-1),
      expect.stringContaining('installing chromium from the distribution'),
      versions[0],
    ]);
  },
);

test.skipIf(!canInstall)('only a CI run waits for the installation', () => {
  const until = `i=0; until [ -x ${CHROMIUM} ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.5; done`;
  const { output } = inLayers(
    `CI= ${INSTALL} && { [ -e ${CHROMIUM} ] && echo waited; ${until}; [ -x ${CHROMIUM} ] && echo there; }`,
  );
  expect(output).toContain('in the background');
  expect(output).not.toContain('waited');
  expect(output).toContain('there');
});

test.skipIf(!canInstall)(
  'XNAI_BROWSER=off installs none, and a user who is not root is told what to do',
  () => {
    expect(inLayers(`XNAI_BROWSER=off ${INSTALL}; [ -e ${CHROMIUM} ] || echo none`).output).toBe('none\n');
    const asUser = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
    const { output } = inLayers(`HOME=/tmp ${asUser} ${INSTALL}; [ -e ${CHROMIUM} ] || echo none`);
    expect(output).toMatch(/no browser here.*install chromium\nnone/);
  },
);
