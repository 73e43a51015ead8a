import { describe, expect, it } from 'vitest';
import { readManifests } from './manifests.ts';
import { toPods } from './pods.ts';

const WEB = `
apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data: { RAG_PORT: "8080" }
---
apiVersion: v1
kind: Service
metadata: { name: door }
spec: { selector: { app: web }, ports: [{ port: 8443, targetPort: tls, appProtocol: https }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web
          ports: [{ name: tls, containerPort: 443 }, { name: http, containerPort: 80 }]
          volumeMounts: [{ name: tmp, mountPath: /tmp }]
      volumes: [{ name: tmp, emptyDir: { medium: Memory, sizeLimit: 16Mi } }]
`;
const STORE = `
apiVersion: v1
kind: Service
metadata: { name: store }
spec: { clusterIP: None, selector: { app: store } }
---
apiVersion: v1
kind: Service
metadata: { name: store-1 }
spec: { selector: { app: store, statefulset.kubernetes.io/pod-name: store-1 } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: store }
spec:
  replicas: 2
  serviceName: store
  selector: { matchLabels: { app: store } }
  template:
    metadata: { labels: { app: store } }
    spec:
      containers:
        - name: store
          image: store
          volumeMounts: [{ name: kept, mountPath: /kept }, { name: shared, mountPath: /shared }]
      volumes: [{ name: shared, persistentVolumeClaim: { claimName: shared } }]
  volumeClaimTemplates:
    - metadata: { name: kept }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;
const podsOf = (text: string, settings = {}) => toPods(readManifests(text), settings);

describe('the pods that Podman plays', () => {
  it('of a StatefulSet have the names and claims that the cluster would give them', () => {
    const made = podsOf(STORE);

    expect(made.map((one) => `${one.kind} ${'metadata' in one ? one.metadata?.name : ''}`)).toEqual([
      'PersistentVolumeClaim kept-store-0',
      'Pod store-0',
      'PersistentVolumeClaim kept-store-1',
      'Pod store-1',
    ]);
    expect(made[3]).toMatchObject({
      metadata: { labels: { 'apps.kubernetes.io/pod-index': '1' } },
      spec: {
        volumes: expect.arrayContaining([
          { name: 'kept', persistentVolumeClaim: { claimName: 'kept-store-1' } },
        ]),
      },
    });
  });

  it('are found by the name of the service that chooses them most narrowly', () => {
    expect(
      podsOf(STORE)
        .filter((one) => one.kind === 'Pod')
        .map(({ spec }) => spec?.hostname),
    ).toEqual(['store', 'store-1']);
  });

  it('begin with a file in each volume that they share and write to', () => {
    expect(podsOf(STORE)[1]).toMatchObject({
      spec: {
        initContainers: [{ image: 'store', command: ['sh', '-c', ': >>/shared/.volume'] }],
      },
    });
  });

  it('have ports of this machine where a service speaks TLS, and are then one alone', () => {
    const pods = podsOf(WEB).filter((one) => one.kind === 'Pod');

    expect(pods).toHaveLength(1);
    expect(pods[0]?.spec?.containers[0]?.ports).toEqual([
      { name: 'tls', containerPort: 443, hostPort: 8443, hostIP: '127.0.0.1' },
      { name: 'http', containerPort: 80 },
    ]);
  });

  it('have their folders in memory as volumes with a size, since Podman ignores that of a folder', () => {
    const [, claim, pod] = podsOf(WEB);

    expect(claim).toMatchObject({
      metadata: {
        name: 'web-0-tmp',
        annotations: {
          'volume.podman.io/type': 'tmpfs',
          'volume.podman.io/mount-options': 'size=16m,mode=1777',
        },
      },
    });
    expect(pod).toMatchObject({ spec: { volumes: [{ persistentVolumeClaim: { claimName: 'web-0-tmp' } }] } });
  });

  it('take settings in the place of those of the ConfigMaps, and no others', () => {
    expect(podsOf(WEB, { RAG_PORT: '9090' })[0]).toMatchObject({ data: { RAG_PORT: '9090' } });
    expect(() => podsOf(WEB, { RAG_PROT: '9090' })).toThrow(
      'no ConfigMap has RAG_PROT: expected one of RAG_PORT',
    );
  });

  it('are not made of what has no kind, or one that is not known here', () => {
    expect(() => podsOf('just: text')).toThrow('expected objects of Kubernetes, each with its kind');
    expect(() => podsOf('kind: DaemonSet')).toThrow('DaemonSet');
  });
});
