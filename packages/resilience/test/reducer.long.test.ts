import { runsOf } from './support/check.ts';
import { reducerSuite } from './support/reducer-suite.ts';

reducerSuite(runsOf(20_000, process.env));
