import { runsOf } from './support/check.ts';
import { fleetSuite } from './support/fleet-suite.ts';
import { overRedis } from './support/redis-world.ts';
import { createMemoryWorld } from './support/world-backend.ts';

fleetSuite('memory', runsOf(500, process.env), createMemoryWorld);
overRedis((open) => fleetSuite('Redis', runsOf(50, process.env), open));
