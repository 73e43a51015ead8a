import { argv, stdin, stdout } from 'node:process';
import { openTestModels } from '@xnai/inference/testing';

/** Loads the model of a file, says what became of it, and keeps it until its standard input ends. */
const [generate, contextTokens, sequences] = argv.slice(2);
await using test = openTestModels({
  generate,
  config: { contextTokens: Number(contextTokens), sequences: Number(sequences) },
});
const { generator } = test.models;
while (!['ready', 'down'].includes(generator.state().status))
  await new Promise((done) => setTimeout(done, 20));
const info = generator.info();
const loaded = {
  detail: generator.state().detail,
  estimatedBytes: info?.device.estimatedBytes,
  contextTokens: info?.contextTokens,
  sequences: info?.sequences,
};
stdout.write(`${JSON.stringify(loaded)}\n`);
for await (const _ of stdin);
