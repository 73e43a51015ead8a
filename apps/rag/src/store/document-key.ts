export interface DocumentKey {
  readonly collection: string;
  readonly id: string;
}
