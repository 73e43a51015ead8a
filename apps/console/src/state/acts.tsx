import { useSignal } from '@preact/signals';
import type { AuditAct } from '@xnai/contracts';
import { ClientError } from '@xnai/contracts/client';
import { rag } from '../api.ts';
import { useLoaded } from '../load.ts';
import { facts, when } from '../parts/format.ts';
import { Failure } from '../parts/notice.tsx';
import { Table, type TableRow } from '../parts/table.tsx';
import { texts } from '../texts.ts';

const EVERY_MS = 5_000;
const STEP = 20;
/** The most that rag gives at once. */
const MOST = 1_000;

/** Its keys and signatures tell a reader nothing. */
const CHECKPOINT = 'audit.checkpoint';

/** Who did what of late. Nothing is shown to a key that may not see it, nor where nothing is recorded. */
export function Acts() {
  const count = useSignal(STEP);
  const client = rag.value;
  const list = useLoaded((signal) => client.audit({ limit: count.value }, { signal }), {
    deps: [client, count.value],
    everyMs: EVERY_MS,
  });
  const error = list.error.value;
  const answer = list.value.value;
  if (isHidden(error) || (answer === undefined && error === undefined)) return null;
  const hasMore = answer?.next_cursor != null;
  return (
    <section aria-label={texts.state.acts}>
      <h2>{texts.state.acts}</h2>
      <Failure error={error} />
      {answer && <Table columns={texts.state.actColumns} rows={rowsOf(answer.acts)} />}
      {hasMore && count.value < MOST && (
        <p>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              count.value = Math.min(MOST, count.value + STEP);
            }}
          >
            {texts.state.moreActs}
          </button>
        </p>
      )}
      {hasMore && count.value >= MOST && <p class="quiet">{texts.state.allActs}</p>}
    </section>
  );
}

function isHidden(error: unknown): boolean {
  return error instanceof ClientError && (error.status === 403 || error.code === 'AUDIT_ABSENT');
}

/** That an act failed is said beside it, and by itself where the act is not among the lines shown. */
function rowsOf(acts: readonly AuditAct[]): readonly TableRow[] {
  const shown = new Set(acts.map(({ writer, seq }) => keyOf(writer, seq)));
  const failures = new Map(
    acts
      .filter(({ what }) => what === 'act.failed')
      .map((failure) => [keyOf(failure.writer, failure.of?.['seq']), failure]),
  );
  return acts
    .filter(({ what, writer, of }) => what !== 'act.failed' || !shown.has(keyOf(writer, of?.['seq'])))
    .map((act) => rowOf(act, failures.get(keyOf(act.writer, act.seq))));
}

const keyOf = (writer: string, seq: unknown) => `${writer} ${seq}`;

function rowOf({ at, by, from, what, of, writer, seq }: AuditAct, failure: AuditAct | undefined): TableRow {
  return {
    key: keyOf(writer, seq),
    cells: [
      when(at),
      <>
        {by ?? writer}
        {from !== undefined && <div class="quiet">{from}</div>}
      </>,
      <>
        {what}
        {what !== CHECKPOINT && <div class="quiet">{facts(of)}</div>}
      </>,
      failure === undefined
        ? texts.state.recorded
        : texts.state.notDone(String(failure.of?.['reason'] ?? `HTTP ${failure.of?.['status']}`)),
    ],
  };
}
