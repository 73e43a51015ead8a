import { useEffect, useRef } from 'preact/hooks';
import { forgetKey, isSignedIn } from './api.ts';
import { AskPanel } from './ask/ask-panel.tsx';
import { CrawlsPanel } from './crawls/crawls-panel.tsx';
import { OpenPassage } from './document/open-passage.tsx';
import { DocumentsPanel } from './documents/documents-panel.tsx';
import { linkTo, PANELS, type PanelName, route } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { StatePanel } from './state/state-panel.tsx';
import { texts } from './texts.ts';

const PANEL_VIEWS = {
  ask: AskPanel,
  documents: DocumentsPanel,
  crawls: CrawlsPanel,
  state: StatePanel,
} as const;

export function App() {
  return isSignedIn.value ? <Shell /> : <SignIn />;
}

function Shell() {
  const { panel, rest } = route.value;
  const main = useRef<HTMLElement>(null);
  const Panel = PANEL_VIEWS[panel];
  useEffect(() => {
    document.title = texts.pageTitle(texts.panels[panel]);
    main.current?.focus();
  }, [linkTo(panel, ...rest)]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {texts.skip}
      </button>
      <header class="top">
        <span class="brand">{texts.product}</span>
        <nav aria-label={texts.navigation}>
          {PANELS.map((name) => (
            <PanelLink key={name} name={name} isCurrent={name === panel} />
          ))}
        </nav>
        <a href="/docs">{texts.api}</a>
        <button type="button" class="quiet" onClick={forgetKey}>
          {texts.signOut}
        </button>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Panel />
      </main>
      <OpenPassage />
    </>
  );
}

function PanelLink({ name, isCurrent }: { readonly name: PanelName; readonly isCurrent: boolean }) {
  return (
    <a href={linkTo(name)} aria-current={isCurrent ? 'page' : undefined}>
      {texts.panels[name]}
    </a>
  );
}
