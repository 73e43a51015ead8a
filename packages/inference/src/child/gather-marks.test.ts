import { expect, it } from 'vitest';
import { createMarkGatherer } from './gather-marks.ts';

it('three bytes that are no character are one mark, in whatever parts they come', () => {
  const text = `a${'�'.repeat(6)}b${'�'.repeat(3)}`;
  for (let cut = 0; cut <= text.length; cut++) {
    const marks = createMarkGatherer();
    expect(marks.push(text.slice(0, cut)) + marks.push(text.slice(cut)) + marks.end()).toBe('a��b�');
  }
});
