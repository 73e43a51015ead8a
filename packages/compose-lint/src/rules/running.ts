import { rule } from '../rule.ts';

const ENDS = new Set(['no', 'on-failure']);

/** A service without an image is a part of an overlay, which the other rules cannot judge. */
export const hasImage = rule('no-image', ({ service }) => [
  service.image === undefined &&
    service.build === undefined && [
      [],
      'it has neither image nor build',
      'an overlay is judged with its base: npm run lint:compose -- compose.yaml OVERLAY',
    ],
]);

/** Each service that keeps running needs a health check. A one-shot (restart: "no") needs none. */
const healthCheck = rule('health-check', ({ service: { healthcheck, restart = '' } }) => [
  !ENDS.has(restart) &&
    (healthcheck?.test === undefined || healthcheck.disable === true) && [
      ['healthcheck'],
      'there is no health check',
      'add healthcheck: { test: ["CMD", "node", "/app/health.ts"], interval: 10s }',
    ],
]);

const plainHealthCheck = rule('health-check-words', ({ service: { healthcheck } }) => [
  [healthcheck?.test ?? []].flat().some((word) => /[()'"]/.test(word)) && [
    ['healthcheck', 'test'],
    'parentheses or quotes in the test: podman-compose 1.3 quotes them wrongly',
    'put the check into a script and call it by plain words',
  ],
]);

const restartPolicy = rule('restart', ({ service }) => [
  service.restart === undefined && [
    [],
    'there is no restart policy',
    'add restart: unless-stopped, or restart: "no" for a one-shot',
  ],
]);

/** A service that waits for the health of another does not start while that one is down. */
const noWaitingForHealth = rule('waits-for-health', ({ service: { depends_on } }) =>
  Object.entries(Array.isArray(depends_on) ? {} : depends_on).map(
    ([other, { condition }]) =>
      condition === 'service_healthy' && [
        ['depends_on', other],
        `it starts only when ${other} is healthy`,
        `let it start without ${other}, and connect when ${other} is up`,
      ],
  ),
);

const pinnedImage = rule('unpinned-image', ({ service: { image = '', build, pull_policy } }) => {
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  const isBuiltHere = build !== undefined || pull_policy === 'never';
  const isPinned = image.includes('@sha256:') || (tag !== undefined && tag !== 'latest');
  return [!isBuiltHere && !isPinned && [['image'], `${image} names no version`, 'name a tag or a digest']];
});

const declaredNetworks = rule('undeclared-network', ({ service, project }) =>
  networksOf(service).map(
    (network) =>
      !(network in project.networks) && [
        ['networks'],
        `the network ${network} is not declared`,
        'list it under the top-level networks',
      ],
  ),
);

const ownNetworks = rule('no-network', ({ service }) => [
  networksOf(service).length === 0 &&
    service.network_mode !== 'none' && [
      [],
      'it is on the default network, from which the internet can be reached',
      'list its networks, with internal: true for those that need no internet',
    ],
]);

export const RUNNING = [
  healthCheck,
  plainHealthCheck,
  restartPolicy,
  noWaitingForHealth,
  pinnedImage,
  declaredNetworks,
  ownNetworks,
];

function networksOf({ networks }: { readonly networks: readonly string[] | object }): readonly string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks);
}
