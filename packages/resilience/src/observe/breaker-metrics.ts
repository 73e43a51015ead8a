import type { Inventory } from '../inventory.ts';
import { family, type MetricFamily } from './metric.ts';

export const breakerMetrics = ({ members, fleet, clock }: Inventory): MetricFamily[] => {
  const all = [...members.values()];
  const nowMs = clock.nowMs();
  return [
    family(
      'resilience_breaker_state',
      'gauge',
      '1 for the state a breaker is in.',
      all.flatMap(({ breaker, gate }) =>
        states.map((state) => ({
          labels: { name: breaker.name, scope: gate.link?.up ? 'shared' : 'local', state },
          value: gate.state === state ? 1 : 0,
        })),
      ),
    ),
    family(
      'resilience_breaker_generation',
      'gauge',
      'Generation of the state seen by this replica.',
      all.map(({ breaker, gate }) => ({
        labels: { name: breaker.name },
        value: gate.generation,
      })),
    ),
    family(
      'resilience_breaker_view_age_seconds',
      'gauge',
      "Age of this replica's view of the fleet.",
      all.flatMap(({ breaker, gate }) =>
        gate.shared
          ? [{ labels: { name: breaker.name }, value: (nowMs - gate.shared.receivedAtMs) / 1_000 }]
          : [],
      ),
    ),
    family(
      'resilience_breaker_split_replicas',
      'gauge',
      'Replicas that have gone their own way for over 5 s.',
      all.flatMap(({ breaker, gate }) =>
        gate.link
          ? [{ labels: { name: breaker.name }, value: fleet?.presence.disagreeing[breaker.name] ?? 0 }]
          : [],
      ),
    ),
  ];
};

const states = ['closed', 'open', 'half-open', 'isolated'] as const;
