import type { ComponentChildren } from 'preact';
import { explain } from '../api.ts';
import { texts } from '../texts.ts';

/** What failed and why, read out at once. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  if (error === undefined) return null;
  return (
    <div class="problem" role="alert">
      <span>{explain(error)}</span>
      {retry && (
        <button type="button" class="quiet" onClick={retry}>
          {texts.errors.retry}
        </button>
      )}
    </div>
  );
}

/** What goes on, read out when there is time. */
export function Status({ children }: { readonly children?: ComponentChildren }) {
  return (
    <p class="status" role="status">
      {children}
    </p>
  );
}
