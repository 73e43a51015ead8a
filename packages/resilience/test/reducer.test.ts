import { reducerSuite } from './support/reducer-suite.ts';

reducerSuite(2_000);
