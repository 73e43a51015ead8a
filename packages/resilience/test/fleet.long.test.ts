import { runsOf } from './support/check.ts';
import { fleetSuite } from './support/fleet-suite.ts';
import { overRedis } from './support/redis-world.ts';
import { createMemoryWorld } from './support/world-backend.ts';

fleetSuite('memory', runsOf(10_000, process.env), createMemoryWorld);
overRedis((open) => fleetSuite('Redis', runsOf(1_000, process.env), open));
