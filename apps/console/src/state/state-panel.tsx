import type { BreakerList } from '@xnai/contracts';
import type { CrawlClient, RagClient } from '@xnai/contracts/client';
import type { ComponentChildren } from 'preact';
import { crawler, rag } from '../api.ts';
import { CrawlerAway } from '../crawls/crawler-away.tsx';
import { useLoaded } from '../load.ts';
import { Failure } from '../parts/notice.tsx';
import { texts } from '../texts.ts';
import { Acts } from './acts.tsx';
import { Breakers } from './breakers.tsx';
import { Latency } from './latency.tsx';
import { ServiceState } from './service-state.tsx';

const EVERY_MS = 5_000;

export function StatePanel() {
  return (
    <>
      <h1>{texts.state.title}</h1>
      <Service name="rag" client={rag.value} failure={(error) => <Failure error={error} />} />
      <Latency />
      <Service name="crawler" client={crawler.value} failure={(error) => <CrawlerAway error={error} />} />
      <Acts />
    </>
  );
}

interface ServiceProps {
  readonly name: string;
  readonly client: Pick<
    RagClient & CrawlClient,
    'readiness' | 'breakers' | 'isolateBreaker' | 'resetBreaker'
  >;
  readonly failure: (error: unknown) => ComponentChildren;
}

function Service({ name, client, failure }: ServiceProps) {
  const options = { deps: [client], everyMs: EVERY_MS };
  const readiness = useLoaded((signal) => client.readiness({ signal }), options);
  const breakers = useLoaded<BreakerList>((signal) => client.breakers({ signal }), options);
  const [how, list] = [readiness.value.value, breakers.value.value];
  const error = readiness.error.value;
  return (
    <>
      {error !== undefined && <h2>{name}</h2>}
      {failure(error)}
      {error === undefined && how && <ServiceState name={name} readiness={how} />}
      {error === undefined && <Failure error={breakers.error.value} />}
      {error === undefined && list && (
        <Breakers name={name} client={client} list={list} onChange={breakers.again} />
      )}
    </>
  );
}
