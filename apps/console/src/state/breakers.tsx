import { useSignal } from '@preact/signals';
import type { BreakerList, BreakerView } from '@xnai/contracts';
import type { RagClient } from '@xnai/contracts/client';
import { useRef } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { percent, when } from '../parts/format.ts';
import { Failure } from '../parts/notice.tsx';
import { Table, type TableRow } from '../parts/table.tsx';
import { texts } from '../texts.ts';

export interface BreakersProps {
  readonly name: string;
  readonly client: Pick<RagClient, 'isolateBreaker' | 'resetBreaker'>;
  readonly list: BreakerList;
  readonly onChange: () => void;
}

type Action = 'isolate' | 'reset';

/** The breakers and gauges of a service, with the orders that an operator may give. */
export function Breakers({ name, client, list, onChange }: BreakersProps) {
  const ordering = useSignal<{ readonly action: Action; readonly breaker: string } | undefined>(undefined);
  const { breakers, resources } = list;
  const order = (action: Action, breaker: string) => {
    ordering.value = { action, breaker };
  };
  const give = async (reason: string) => {
    const { action, breaker } = ordering.value ?? {};
    if (breaker === undefined) return;
    await (action === 'isolate'
      ? client.isolateBreaker(breaker, { reason })
      : client.resetBreaker(breaker, { reason }));
    onChange();
  };
  const current = ordering.value;
  return (
    <section aria-label={texts.state.breakersOf(name)}>
      <h2>{texts.state.breakersOf(name)}</h2>
      <Table columns={texts.state.breakerColumns} rows={breakers.map((breaker) => rowOf(breaker, order))} />
      <div class="gauges">
        {resources.flatMap(({ name: resource, readings }) =>
          readings.map(({ source, used, detail }) => (
            <Gauge key={`${resource} ${source}`} label={source} used={used} detail={detail} />
          )),
        )}
      </div>
      {current && (
        <OrderDialog
          title={texts.state.orders[current.action](current.breaker)}
          give={give}
          onClose={() => {
            ordering.value = undefined;
          }}
        />
      )}
    </section>
  );
}

type OnOrder = (action: Action, breaker: string) => void;

function rowOf(breaker: BreakerView, onOrder: OnOrder): TableRow {
  const { name, state, calls, failures, opened_at, cause, forced } = breaker;
  const why = forced ? texts.state.forced(forced.by, forced.reason) : cause;
  return {
    key: name,
    cells: [
      name,
      <>
        <span class={`state ${state}`}>{texts.state.breakers[state]}</span>
        {state !== 'closed' && (
          <div class="quiet">{[opened_at && when(opened_at), why].filter(Boolean).join(' · ')}</div>
        )}
      </>,
      texts.state.calls(failures, calls),
      <div class="buttons">
        <OrderButton action="isolate" breaker={name} onOrder={onOrder} />
        <OrderButton action="reset" breaker={name} onOrder={onOrder} />
      </div>,
    ],
  };
}

interface OrderButtonProps {
  readonly action: Action;
  readonly breaker: string;
  readonly onOrder: OnOrder;
}

function OrderButton({ action, breaker, onOrder }: OrderButtonProps) {
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`${texts.state.actions[action]} ${breaker}`}
      onClick={() => onOrder(action, breaker)}
    >
      {texts.state.actions[action]}
    </button>
  );
}

interface GaugeProps {
  readonly label: string;
  readonly used: number | null;
  readonly detail: string;
}

function Gauge({ label, used, detail }: GaugeProps) {
  return (
    <div class="gauge">
      <span>{label}</span>
      {used === null ? (
        <span class="quiet">{texts.state.unmeasured}</span>
      ) : (
        <>
          <meter min={0} max={1} high={0.8} optimum={0} value={used} aria-label={label} />
          <span class="quiet">
            {percent(used)} · {detail}
          </span>
        </>
      )}
    </div>
  );
}

interface OrderDialogProps {
  readonly title: string;
  readonly give: (reason: string) => Promise<void>;
  readonly onClose: () => void;
}

/** An order has a reason: the record and the other operators are told it. */
function OrderDialog({ title, give, onClose }: OrderDialogProps) {
  const error = useSignal<unknown>(undefined);
  const reason = useRef<HTMLInputElement>(null);
  async function submit(event: Event) {
    event.preventDefault();
    try {
      await give(reason.current?.value.trim() ?? '');
      onClose();
    } catch (failure) {
      error.value = failure;
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <Failure error={error.value} />
      <form class="row" onSubmit={submit}>
        <div class="field grow">
          <label for="reason">{texts.state.reason}</label>
          <input id="reason" ref={reason} required maxLength={500} />
        </div>
        <button type="submit">{texts.state.give}</button>
      </form>
    </Dialog>
  );
}
