import { describe, expect, it } from 'vitest';
import type { ModelInfo, ModelState } from '../model.ts';
import { nextState, portState, type RoleEvent, type RoleState } from './role-state.ts';

const LIMITS = { restartFirstMs: 100, restartMaxMs: 300, steadyAfterMs: 60_000 };
const info = { id: 'model', device: { kind: 'cpu' } } as ModelInfo;
const port: ModelState = { status: 'fetching', detail: 'half is there' };
const waiting: RoleState = { name: 'waiting', port };
const start: RoleEvent = { type: 'start' };
const loaded: RoleEvent = { type: 'loaded', info, atMs: 0 };
const ended = (atMs = 0): RoleEvent => ({ type: 'ended', detail: 'it ended', atMs });

const after = (...events: readonly RoleEvent[]) =>
  events.reduce<RoleState>((state, event) => nextState(state, event, LIMITS), waiting);

describe('the state of a role', () => {
  it('is what it waits for until a process starts, and what that process reports from then on', () => {
    expect(portState(waiting)).toBe(port);
    const loading = after(start, { type: 'progress', progress: 0.5 });
    expect(portState(loading)).toEqual({
      status: 'loading',
      detail: 'the model is being loaded',
      progress: 0.5,
    });
    expect(portState(after(start, loaded)).status).toBe('ready');
  });

  it('restarts a process that ended, after pauses that double up to a limit', () => {
    const pauses: unknown[] = [];
    let state = after(start, loaded);
    for (let crash = 0; crash < 4; crash++) {
      state = nextState(state, ended(), LIMITS);
      pauses.push(state.name === 'restarting' && state.pauseMs);
      state = nextState(nextState(state, start, LIMITS), loaded, LIMITS);
    }
    expect(pauses).toEqual([100, 200, 300, 300]);
  });

  it('counts from the first crash again after a steady time, and not before', () => {
    const twice = (atMs: number) => after(start, loaded, ended(), start, loaded, ended(atMs));
    expect(twice(59_999)).toMatchObject({ name: 'restarting', pauseMs: 200 });
    expect(twice(60_000)).toMatchObject({ name: 'restarting', pauseMs: 100 });
  });

  it('gives a file up at the third crash in a row before it is loaded', () => {
    const twoCrashes = [start, ended(), start, ended(), start];
    expect(after(...twoCrashes, ended())).toMatchObject({
      name: 'unusable',
      refusal: { cause: 'crash', detail: 'it ended while it loaded the model, 3 times in a row' },
    });
    expect(after(...twoCrashes, loaded, ended()).name).toBe('restarting');
    expect(after(...twoCrashes, loaded, ended(), start, ended()).name).toBe('restarting');
  });

  it('gives a refused file up, and tries the next one without its crashes', () => {
    const refused: RoleEvent = { type: 'refused', refusal: { cause: 'file', detail: 'no model' } };
    const state = after(start, ended(), start, refused, ended());
    expect(portState(state)).toEqual({ status: 'down', detail: 'no model' });
    const again: RoleEvent = { type: 'wait', port };
    expect(after(start, ended(), start, refused, again, start)).toEqual(after(start));
  });

  it('gives a file up that is loaded when memory runs short', () => {
    const refused: RoleEvent = { type: 'refused', refusal: { cause: 'memory', detail: 'memory ran short' } };
    expect(portState(after(start, loaded, refused, ended())).detail).toBe('memory ran short');
    expect(after(start, ended(), refused).name).toBe('restarting');
  });

  it('keeps the description of the model over restarts', () => {
    expect(after(start, loaded, ended(), start)).toMatchObject({ name: 'loading', history: { info } });
    expect(after(start)).not.toHaveProperty('history.info');
  });

  it('ignores what arrives late', () => {
    const ready = after(start, loaded);
    expect(nextState(ready, { type: 'progress', progress: 0.9 }, LIMITS)).toBe(ready);
    expect(nextState(ready, start, LIMITS)).toBe(ready);
    expect(nextState(waiting, ended(), LIMITS)).toBe(waiting);
    expect(after(start, { type: 'close' }, loaded, ended(), start)).toEqual({ name: 'closed' });
  });
});
