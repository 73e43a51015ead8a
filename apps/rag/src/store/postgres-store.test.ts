import { describeStore } from './store.contract.ts';
import { openUnderTest } from './testing/open-under-test.ts';

// Each statement of PGlite takes as long as ten of a server.
describeStore('the PostgreSQL store', () => openUnderTest(), { addresses: 300 });
