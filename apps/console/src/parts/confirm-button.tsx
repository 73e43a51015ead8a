import { useSignal } from '@preact/signals';
import { Confirm, type ConfirmProps } from './confirm.tsx';

export interface ConfirmButtonProps extends Omit<ConfirmProps, 'onClose'> {
  readonly label: string;
  /** For those who do not see what the button stands beside; begins with the label. */
  readonly name?: string;
}

/** A button for something that cannot be undone, which asks first. */
export function ConfirmButton({ label, name, ...confirm }: ConfirmButtonProps) {
  const isAsking = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="danger"
        aria-label={name}
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
