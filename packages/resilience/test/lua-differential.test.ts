import { runsOf } from './support/check.ts';
import { differentialSuite } from './support/differential-suite.ts';

differentialSuite(runsOf(400, process.env));
