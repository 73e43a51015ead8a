import { startRag } from '../support/rag-process.ts';
import { describeManuals } from './manuals.contract.ts';

describeManuals('SQLite', startRag);
