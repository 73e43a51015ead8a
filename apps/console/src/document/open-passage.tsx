import { useSignal } from '@preact/signals';
import type { Document } from '@xnai/contracts';
import { useEffect } from 'preact/hooks';
import { rag } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Failure, Status } from '../parts/notice.tsx';
import { texts } from '../texts.ts';
import { DocumentText } from './document-text.tsx';
import { closePassage, type Passage, passage } from './passage.ts';

/** The document of the open passage, above the panel. */
export function OpenPassage() {
  const open = passage.value;
  if (open === undefined) return null;
  return <PassageDialog key={`${open.document_id} ${open.start}`} passage={open} />;
}

function PassageDialog({ passage: open }: { readonly passage: Passage }) {
  const document = useSignal<Document | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    rag.value
      .getDocument(open.collection, open.document_id, { signal: controller.signal })
      .then((found) => {
        document.value = found;
      })
      .catch((reason: unknown) => {
        if (!controller.signal.aborted) error.value = reason;
      });
    return () => controller.abort();
  }, [open]);
  const found = document.value;
  const title = found ? (found.title ?? found.url ?? texts.document.untitled) : texts.document.loading;
  return (
    <Dialog title={title} onClose={closePassage} isWide>
      <Failure error={error.value} />
      {found && <Origin url={found.url} />}
      {found?.outdated && <Status>{texts.document.outdated}</Status>}
      {found && <DocumentText document={found} passage={open} />}
    </Dialog>
  );
}

/** Only addresses of the web become links: a document may name any other, `javascript:` too. */
function Origin({ url }: { readonly url: string | null }) {
  const protocol = url === null ? undefined : URL.parse(url)?.protocol;
  if (url === null || (protocol !== 'http:' && protocol !== 'https:')) return null;
  return (
    <p class="quiet">
      <a href={url} target="_blank" rel="noreferrer noopener">
        {texts.document.address}
      </a>{' '}
      {url}
    </p>
  );
}
