import { useSignal } from '@preact/signals';
import { Render } from '@xnai/contracts';
import { useRef } from 'preact/hooks';
import { crawler } from '../api.ts';
import { chosen } from '../collections.ts';
import { linkTo } from '../route.ts';
import { texts } from '../texts.ts';
import { CrawlerAway } from './crawler-away.tsx';
import { RepeatFields, scheduleOf } from './repeat-fields.tsx';

/** A crawl with the options that matter most. The same form sent twice begins one crawl. */
export function CrawlForm() {
  const error = useSignal<unknown>(undefined);
  const isSending = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const onceKey = useRef(newKey());

  async function submit(event: Event) {
    event.preventDefault();
    if (form.current === null || isSending.value) return;
    isSending.value = true;
    error.value = undefined;
    try {
      const { id } = await crawler.value.submitCrawl(requestOf(form.current), {
        idempotencyKey: onceKey.current,
      });
      location.hash = linkTo('crawls', id);
    } catch (reason) {
      error.value = reason;
    }
    isSending.value = false;
  }

  return (
    <form
      ref={form}
      class="sheet"
      aria-label={texts.crawls.start}
      onSubmit={submit}
      onInput={() => {
        onceKey.current = newKey();
      }}
    >
      <div class="row">
        <div class="field grow">
          <label for="crawl-url">{texts.crawls.url}</label>
          <input id="crawl-url" name="url" type="url" required placeholder="https://example.org/docs/" />
        </div>
        <button type="submit" disabled={isSending.value}>
          {texts.crawls.go}
        </button>
      </div>
      <div class="row">
        <div class="field">
          <label for="crawl-collection">{texts.ask.collection}</label>
          <input
            id="crawl-collection"
            name="collection"
            required
            pattern="[a-z0-9_\-]{1,64}"
            title={texts.documents.nameForm}
            defaultValue={chosen.value}
          />
        </div>
        <div class="field">
          <label for="crawl-limit">{texts.crawls.limit}</label>
          <input
            id="crawl-limit"
            name="limit"
            type="number"
            min={1}
            max={10_000}
            required
            defaultValue="100"
          />
        </div>
        <div class="field">
          <label for="crawl-render">{texts.crawls.render}</label>
          <select id="crawl-render" name="render">
            {Render.options.map((mode) => (
              <option key={mode} value={mode}>
                {texts.crawls.renders[mode]}
              </option>
            ))}
          </select>
        </div>
        <label class="check">
          <input type="checkbox" name="prune" /> {texts.crawls.prune}
        </label>
      </div>
      <RepeatFields />
      <CrawlerAway error={error.value} />
    </form>
  );
}

function requestOf(form: HTMLFormElement) {
  const fields = new FormData(form);
  const text = (name: string) => String(fields.get(name) ?? '');
  const schedule = scheduleOf(text('repeat'), text('cron'));
  return {
    url: text('url').trim(),
    collection: text('collection'),
    limit: Number(text('limit')),
    render: Render.parse(text('render')),
    prune: fields.has('prune'),
    ...(schedule && { schedule }),
  };
}

/** `randomUUID` is missing where the page does not come from a secure origin. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-');
}
