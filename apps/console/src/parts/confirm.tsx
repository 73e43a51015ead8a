import { useSignal } from '@preact/signals';
import { texts } from '../texts.ts';
import { Dialog } from './dialog.tsx';
import { Failure } from './notice.tsx';

export interface ConfirmProps {
  readonly question: string;
  /** What the button does, in a word. */
  readonly action: string;
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ question, action, run, onClose }: ConfirmProps) {
  const isRunning = useSignal(false);
  const error = useSignal<unknown>(undefined);
  async function confirm() {
    isRunning.value = true;
    try {
      await run();
      onClose();
    } catch (reason) {
      error.value = reason;
      isRunning.value = false;
    }
  }
  return (
    <Dialog title={question} onClose={onClose}>
      <Failure error={error.value} />
      <p class="row">
        <button type="button" class="danger" disabled={isRunning.value} onClick={() => void confirm()}>
          {action}
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          {texts.keep}
        </button>
      </p>
    </Dialog>
  );
}
