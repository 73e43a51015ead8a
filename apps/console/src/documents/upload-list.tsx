import { useSignal } from '@preact/signals';
import { chosen } from '../collections.ts';
import { texts } from '../texts.ts';
import { addUploads, forgetEnded, type Upload, type UploadState, uploads } from './uploads.ts';

/** Where files are dropped or chosen, and what became of each. */
export function UploadFiles() {
  const isOver = useSignal(false);
  return (
    <section aria-labelledby="upload-title">
      <h2 id="upload-title">{texts.upload.title}</h2>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same without a pointer */}
      <div
        class={isOver.value ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          isOver.value = true;
        }}
        onDragLeave={() => {
          isOver.value = false;
        }}
        onDrop={(event) => {
          event.preventDefault();
          isOver.value = false;
          addUploads([...(event.dataTransfer?.files ?? [])], chosen.value);
        }}
      >
        <label for="files">{texts.upload.drop(chosen.value)}</label>
        <input
          id="files"
          type="file"
          multiple
          onChange={({ currentTarget }) => {
            addUploads([...(currentTarget.files ?? [])], chosen.value);
            currentTarget.value = '';
          }}
        />
        <p class="quiet">{texts.upload.types}</p>
      </div>
      {uploads.value.length > 0 && <UploadList list={uploads.value} />}
    </section>
  );
}

function UploadList({ list }: { readonly list: readonly Upload[] }) {
  const count = (phase: UploadState['phase']) => list.filter(({ state }) => state.phase === phase).length;
  return (
    <>
      <p role="status">{texts.upload.summary(count('done'), count('failed'), list.length)}</p>
      <ul class="uploads">
        {list.map((upload) => (
          <UploadLine key={upload.id} upload={upload} />
        ))}
      </ul>
      <button type="button" class="quiet" onClick={forgetEnded}>
        {texts.upload.forget}
      </button>
    </>
  );
}

function UploadLine({ upload: { file, state } }: { readonly upload: Upload }) {
  return (
    <li>
      <span>{file.name}</span>
      {state.phase === 'sending' && (
        <progress max={1} value={state.share} aria-label={texts.upload.progress(file.name)} />
      )}
      <span class={state.phase === 'failed' ? 'bad' : 'quiet'}>{said(state)}</span>
    </li>
  );
}

function said(state: UploadState): string {
  if (state.phase === 'failed') return state.reason;
  return state.phase === 'done'
    ? texts.upload.results[state.result.status]
    : texts.upload.phases[state.phase];
}
