import type { HostGate } from '../redis/host-gate.ts';

/** A call of the gate by a process that has no Redis. */
export type GateCall = {
  readonly [Name in keyof HostGate]: { readonly name: Name; readonly args: Parameters<HostGate[Name]> };
}[keyof HostGate];

type Answer = Awaited<ReturnType<HostGate['enter']>> | undefined;

/** The gate of another process, by way of `call`. */
export function borrowGate(call: (call: GateCall) => Promise<unknown>): HostGate {
  return {
    enter: (...args) => call({ name: 'enter', args }) as ReturnType<HostGate['enter']>,
    leave: async (...args) => void (await call({ name: 'leave', args })),
    pause: async (...args) => void (await call({ name: 'pause', args })),
  };
}

export interface LentGate extends AsyncDisposable {
  answer(call: GateCall): Promise<Answer>;
}

/**
 * Lends the gate to one other process, and leaves the places that it has not left itself, that of a call under way
 * included. While Redis is away, everyone is let in.
 */
export function lendGate(gate: HostGate): LentGate {
  const held = new Map<string, string>();
  let isGivenBack = false;
  async function leave(place: string): Promise<void> {
    const host = held.get(place);
    held.delete(place);
    if (host !== undefined) await gate.leave(host, place).catch(() => {});
  }

  return {
    async answer(call) {
      if (call.name !== 'enter') {
        await (call.name === 'leave' ? leave(call.args[1]) : gate.pause(...call.args).catch(() => {}));
        return undefined;
      }
      const entered = await gate.enter(...call.args).catch(() => ({ place: '' }));
      if ('place' in entered) held.set(entered.place, call.args[0]);
      if (isGivenBack && 'place' in entered) await leave(entered.place);
      return entered;
    },
    async [Symbol.asyncDispose]() {
      isGivenBack = true;
      await Promise.all([...held.keys()].map(leave));
    },
  };
}
