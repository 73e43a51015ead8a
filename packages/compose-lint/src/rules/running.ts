import type { Rule } from '../finding.ts';

const ENDS = new Set(['no', 'on-failure']);

/** A service without an image is a part of an overlay, which the other rules cannot judge. */
export const hasImage: Rule = ({ name, service }) =>
  service.image !== undefined || service.build !== undefined
    ? []
    : [
        {
          rule: 'no-image',
          path: ['services', name],
          message: 'it has neither image nor build',
          cure: 'an overlay is judged with its base: npm run lint:compose -- compose.yaml OVERLAY',
        },
      ];

/** Each service that keeps running needs a health check. A one-shot (restart: "no") needs none. */
export const healthCheck: Rule = ({ name, service }) => {
  const test = service.healthcheck?.test;
  if (ENDS.has(service.restart ?? '')) return [];
  if (test === undefined || service.healthcheck?.disable === true) {
    return [
      {
        rule: 'health-check',
        path: ['services', name, 'healthcheck'],
        message: 'there is no health check',
        cure: 'add healthcheck: { test: ["CMD", "true"], interval: 10s }, with a command that uses the service instead of true',
      },
    ];
  }
  const words = typeof test === 'string' ? [test] : test;
  if (!words.some((word) => /[()'"]/.test(word))) return [];
  return [
    {
      rule: 'health-check-words',
      path: ['services', name, 'healthcheck', 'test'],
      message: 'parentheses or quotes in the test: podman-compose 1.3 quotes them wrongly',
      cure: 'put the check into a script and call it by plain words',
    },
  ];
};

export const restartPolicy: Rule = ({ name, service }) =>
  service.restart !== undefined
    ? []
    : [
        {
          rule: 'restart',
          path: ['services', name],
          message: 'there is no restart policy',
          cure: 'add restart: unless-stopped, or restart: "no" for a one-shot',
        },
      ];

export const pinnedImage: Rule = ({ name, service }) => {
  const { image } = service;
  const isBuiltHere = service.build !== undefined || service.pull_policy === 'never';
  if (isBuiltHere || image === undefined || /^localhost\/|@sha256:/.test(image)) return [];
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  if (tag !== undefined && tag !== 'latest') return [];
  return [
    {
      rule: 'unpinned-image',
      path: ['services', name, 'image'],
      message: `${image} names no version`,
      cure: 'name a tag or a digest',
    },
  ];
};

/** The default network has a way to the internet. */
export const ownNetwork: Rule = ({ name, service }) => {
  const { length } = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks);
  if (length > 0 || service.network_mode !== undefined) return [];
  return [
    {
      rule: 'no-network',
      path: ['services', name],
      message: 'it is on the default network, from which the internet can be reached',
      cure: 'list its networks, with internal: true for those that need no internet',
    },
  ];
};
