import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { signedOutBecause, signIn } from './api.ts';
import { texts } from './texts.ts';

/** First of all: the key, and where it is found. */
export function SignIn() {
  const problem = useSignal<string | undefined>(undefined);
  const isChecking = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = texts.product;
    input.current?.focus();
  }, []);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    isChecking.value = true;
    problem.value = await signIn(input.current?.value ?? '');
    isChecking.value = false;
    input.current?.focus();
  }

  const said = problem.value ?? signedOutBecause.value;
  return (
    <main class="sign-in">
      <h1>{texts.product}</h1>
      <p>{texts.signIn.lead}</p>
      <form onSubmit={submit}>
        <label for="key">{texts.signIn.label}</label>
        <div class="line">
          <input
            id="key"
            ref={input}
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            aria-describedby="key-problem key-help"
            aria-invalid={said !== undefined}
          />
          <button type="submit" disabled={isChecking.value}>
            {isChecking.value ? texts.signIn.checking : texts.signIn.go}
          </button>
        </div>
        <p id="key-problem" class="problem" role="alert">
          {said}
        </p>
      </form>
      <section id="key-help" class="help">
        <h2>{texts.signIn.where}</h2>
        <ul>
          {texts.signIn.places.map(({ when, code }) => (
            <li key={when}>
              {when} <code>{code}</code>
            </li>
          ))}
        </ul>
        <p>{texts.signIn.kept}</p>
      </section>
      <section class="help">
        <h2>{texts.signIn.stepsTitle}</h2>
        <ol>
          {texts.signIn.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
      <p class="quiet">
        <a href="/docs">{texts.apiDocs}</a>
      </p>
    </main>
  );
}
