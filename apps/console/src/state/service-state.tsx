import type { Readiness } from '@xnai/contracts';
import { facts } from '../parts/format.ts';
import { texts } from '../texts.ts';

/** What a service says of itself: its checks, and what would make it better. */
export function ServiceState({ name, readiness }: { readonly name: string; readonly readiness: Readiness }) {
  const { status, checks, degraded, advice } = readiness;
  return (
    <section class="sheet" aria-label={name}>
      <h2>
        {name} <span class={`state ${status}`}>{texts.state.services[status]}</span>
      </h2>
      {degraded.length > 0 && <p>{texts.ask.degraded(degraded.join(', '))}</p>}
      <ul class="checks">
        {Object.entries(checks).map(([check, { status: how, detail }]) => (
          <li key={check}>
            <span class={`state ${how}`}>{texts.state.checks[how]}</span> <strong>{check}</strong>{' '}
            <span class="quiet">{said(detail)}</span>
          </li>
        ))}
      </ul>
      {advice.map(({ code, text, command }) => (
        <p key={code} class="note">
          {text} <code>{command}</code>
        </p>
      ))}
    </section>
  );
}

function said(detail: string | Readonly<Record<string, unknown>> | undefined): string {
  return typeof detail === 'string' ? detail : facts(detail);
}
