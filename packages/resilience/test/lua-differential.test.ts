import { differentialSuite } from './support/differential-suite.ts';

differentialSuite(400);
