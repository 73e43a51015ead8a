import { describeStore } from '../../store.contract.ts';
import { openUnderTest } from '../../testing/open-under-test.ts';

const open = () => openUnderTest({ hasTextsearch: true });
describeStore('the PostgreSQL store with pg_textsearch', open, { addresses: 300 });
