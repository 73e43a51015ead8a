import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.d.ts';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { ConfigMap, PersistentVolumeClaim, Pod, Secret, Service } from 'kubernetes-types/core/v1.d.ts';
import { parseAllDocuments } from 'yaml';

/** Objects of which something is made here; their kinds tell them apart. */
export type Known =
  | ({ readonly kind: 'StatefulSet' } & StatefulSet)
  | ({ readonly kind: 'Deployment' } & Deployment)
  | ({ readonly kind: 'Job' } & Job)
  | ({ readonly kind: 'Pod' } & Pod)
  | ({ readonly kind: 'ConfigMap' } & ConfigMap)
  | ({ readonly kind: 'Secret' } & Secret)
  | ({ readonly kind: 'Service' } & Service)
  | ({ readonly kind: 'PersistentVolumeClaim' } & PersistentVolumeClaim);

/** Any other object of Kubernetes. */
export interface Other {
  readonly apiVersion: string;
  readonly kind: 'Ingress' | 'Kustomization' | 'Namespace' | 'NetworkPolicy' | 'PodDisruptionBudget';
}
export type Manifest = Known | Other;

/** @throws {Error} where the text is no YAML, or a document has no kind */
export function readManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value = document.toJS() as Manifest | null;
    // The comment before the first object.
    if (value === null) return [];
    if (typeof value.kind !== 'string') throw new Error('expected objects of Kubernetes, each with its kind');
    return [value];
  });
}
