import { useSignal } from '@preact/signals';
import type { CrawlSchedule } from '@xnai/contracts';
import { texts } from '../texts.ts';

const REPEATS = ['never', '1h', '1d', '7d', 'cron'] as const;
/** The list shows times by the same clock. */
const TIMEZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function RepeatFields() {
  const repeat = useSignal('never');
  const isCron = repeat.value === 'cron';
  return (
    <>
      <div class="row">
        <div class="field">
          <label for="crawl-repeat">{texts.schedules.repeat}</label>
          <select
            id="crawl-repeat"
            name="repeat"
            onChange={({ currentTarget }) => {
              repeat.value = currentTarget.value;
            }}
          >
            {REPEATS.map((every) => (
              <option key={every} value={every}>
                {texts.schedules.repeats[every]}
              </option>
            ))}
          </select>
        </div>
        {isCron && <CronField />}
      </div>
      {isCron && (
        <p id="crawl-cron-hint" class="quiet">
          {texts.schedules.cronHint(TIMEZONE)}
        </p>
      )}
    </>
  );
}

function CronField() {
  return (
    <div class="field">
      <label for="crawl-cron">{texts.schedules.cron}</label>
      <input
        id="crawl-cron"
        name="cron"
        required
        maxLength={200}
        placeholder="0 3 * * 1"
        aria-describedby="crawl-cron-hint"
      />
    </div>
  );
}

/** What the fields say; undefined for a crawl that is not repeated. */
export function scheduleOf(repeat: string, cron: string): CrawlSchedule | undefined {
  if (repeat === 'never') return undefined;
  return repeat === 'cron' ? { cron: cron.trim(), timezone: TIMEZONE } : { every: repeat };
}
