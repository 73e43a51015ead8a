import { describeStore } from '../../store.contract.ts';
import { openUnderTest } from '../../testing/open-under-test.ts';

// `contract.long.test.ts` has the rest.
const open = () => openUnderTest({ hasTextsearch: true });
describeStore('the PostgreSQL store with pg_textsearch', open, { isOfTerms: true });
