import { SCOPES } from '@xnai/service';
import { expect, it } from 'vitest';
import { renderWelcome } from './welcome.ts';

const facts = {
  ragUrl: 'http://127.0.0.1:8080',
  crawlerUrl: 'http://127.0.0.1:8081',
  dataDir: '/srv/my data',
  missing: [],
  tookMs: 1000,
};

it('names the command that makes a key of this stack, with all scopes, where the first one is not shown', () => {
  const text = renderWelcome({ ...facts, firstKey: undefined, places: { XNAI_DATA_DIR: '/srv/my data' } });
  expect(text).toContain(`XNAI_DATA_DIR='/srv/my data' npm run keys -- create --scopes ${SCOPES.join(',')}`);
});
