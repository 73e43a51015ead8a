// npm run bench -- NAME [options]; each measurement is also a module by itself.
const BENCHES: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<void>>>> = {
  inference: async () => (await import('./inference.ts')).runInferenceBench,
};

const [name, ...args] = process.argv.slice(2);
const load = BENCHES[name ?? ''];
if (load === undefined) {
  console.log(`Usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [options]`);
  process.exitCode = 2;
} else {
  const run = await load();
  await run(args);
}
