import { expect, test } from 'vitest';
import { bucketsOf, countOf, gaugeOf, quantileMs, readSamples, shareWithin, since } from './read-metrics.ts';

const NAME = 'http_request_duration_seconds_bucket';
const TEXT = `# HELP process_resident_memory_bytes Resident memory size in bytes.
process_resident_memory_bytes 1048576
${NAME}{le="0.1",method="POST",route="/v1/query",status="200"} 8
${NAME}{le="0.3",method="POST",route="/v1/query",status="200"} 9
${NAME}{le="+Inf",method="POST",route="/v1/query",status="200"} 10
${NAME}{le="0.1",method="POST",route="/v1/query",status="503"} 2
${NAME}{le="0.3",method="POST",route="/v1/query",status="503"} 2
${NAME}{le="+Inf",method="POST",route="/v1/query",status="503"} 2
${NAME}{le="+Inf",method="GET",route="/v1/search",status="a \\"quoted\\" one"} 4
`;

test('figures are read with their labels, and comments are not figures', () => {
  const samples = readSamples(TEXT);
  expect(samples).toHaveLength(8);
  expect(gaugeOf(samples, 'process_resident_memory_bytes')).toBe(1048576);
  expect(gaugeOf(samples, 'none')).toBeUndefined();
});

test('durations of a route are summed over its answers', () => {
  const buckets = bucketsOf(readSamples(TEXT), '/v1/query');
  expect(countOf(buckets)).toBe(12);
  expect(quantileMs(buckets, 0.5)).toBe(100);
  expect(quantileMs(buckets, 0.9)).toBe(300);
  expect(quantileMs(buckets, 0.99)).toBe(Infinity);
  expect(shareWithin(buckets, 0.3)).toBeCloseTo(11 / 12);
});

test('between two readings only what came since counts, and nothing came is no figure', () => {
  const buckets = bucketsOf(readSamples(TEXT), '/v1/query');
  expect(countOf(since(buckets, new Map([[Infinity, 11]])))).toBe(1);
  expect(quantileMs(since(buckets, buckets), 0.95)).toBeUndefined();
});
