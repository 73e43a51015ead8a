import { fleetSuite } from './support/fleet-suite.ts';

fleetSuite(10_000);
