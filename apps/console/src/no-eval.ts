import { z } from 'zod';

// zod would compile its checks with `eval`, which the content security policy of the page refuses.
z.config({ jitless: true });
