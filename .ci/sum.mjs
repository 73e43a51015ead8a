// Sums the reports that each workspace's tests left, and lists what was skipped or failed, and why. The last line is
// "N passed, N failed".
import { existsSync, globSync, readFileSync } from 'node:fs';

const status = Number(process.argv[2] ?? 0);
const files = globSync('{apps,packages}/*/.reports/*.json').concat(globSync('test/**/.reports/*.json'));
const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
const tests = reports.flatMap(({ testResults }) => testResults.flatMap((result) => result.assertionResults));

const skipped = tests.filter((test) => test.status === 'skipped' || test.status === 'pending');
for (const { fullName } of skipped) console.log(`skipped: ${fullName}`);

for (const { success, testResults } of reports) {
  if (success) continue;
  for (const { name, status, message, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed') console.log(`failed: ${name} ${message.slice(0, 2000)}`);
    for (const { fullName, failureMessages } of failures) {
      console.log(`failed: ${fullName}\n  ${failureMessages.join('\n').slice(0, 2000)}`);
    }
  }
}

// A worker that died leaves its test without a result; only the log says why.
for (const file of files) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const log = file.replace(/\.reports\/.*$/, '.turbo/turbo-test.log');
  const isCutOff = ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
  if (!testResults.some(isCutOff) || !existsSync(log)) continue;
  const lines = readFileSync(log, 'utf8').split('\n');
  console.log(
    `failed: ${file}\n${lines
      .filter((line) => !line.includes('✓'))
      .slice(-60)
      .join('\n')}`,
  );
}

const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const passed = sum((report) => report.numPassedTests);
// A file that could not even be loaded has no tests to count.
const unloaded = sum(
  ({ testResults }) =>
    testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length,
);
const failed = sum((report) => report.numFailedTests) + unloaded;
// Lint, types, boundaries or unused code; a run that was cut off; or no tests at all.
const isBroken = failed === 0 && (status !== 0 || passed === 0);
console.log(`${passed} passed, ${failed + (isBroken ? 1 : 0)} failed`);
process.exit(failed === 0 && !isBroken ? 0 : 1);
