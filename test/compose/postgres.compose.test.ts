import { afterAll, beforeAll } from 'vitest';
import { describeFaults } from './postgres/faults.contract.ts';
import { describeGraphs } from './postgres/graphs.contract.ts';
import { describeHalfMade } from './postgres/half-made.contract.ts';
import { describeLeads } from './postgres/leads.contract.ts';
import { describeOverload } from './postgres/overload.contract.ts';
import { describeQuality } from './postgres/quality.contract.ts';
import { describeReplicas } from './postgres/replicas.contract.ts';
import { openPostgresServer, type PostgresServer } from './postgres/server.ts';
import { describeStarts } from './postgres/starts.contract.ts';
import { describeStatements } from './postgres/statements.contract.ts';
import { type Machine, openMachine } from './support/machine.ts';

/** What PGlite cannot show, since all its clients share one session: locks, time limits, lost connections and crashes. */
let machine: Machine;
let server: PostgresServer;

beforeAll(async () => {
  machine = await openMachine(1001);
  server = await openPostgresServer(machine);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await machine?.[Symbol.asyncDispose]();
});

const running = () => server;
// First, since a standby is a copy of all databases.
describeFaults(running);
describeStarts(running);
describeLeads(running);
describeStatements(running);
describeOverload(running);
describeGraphs(running);
describeHalfMade(() => machine);
describeReplicas(running);
describeQuality(running);
