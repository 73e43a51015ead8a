import { reducerSuite } from './support/reducer-suite.ts';

reducerSuite(20_000);
