import { useSignal } from '@preact/signals';
import { Confirm, type ConfirmProps } from './confirm.tsx';

export interface ConfirmButtonProps extends Omit<ConfirmProps, 'onClose'> {
  readonly label: string;
}

/** A button for something that cannot be undone, which asks first. */
export function ConfirmButton({ label, ...confirm }: ConfirmButtonProps) {
  const isAsking = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="danger"
        onClick={() => {
          isAsking.value = true;
        }}
      >
        {label}
      </button>
      {isAsking.value && (
        <Confirm
          {...confirm}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
    </>
  );
}
