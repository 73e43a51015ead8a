/** An operator's word on a breaker. */
export interface Order {
  readonly reason: string;
  readonly by?: string | undefined;
  /** Refused when the breaker has changed since. */
  readonly ifGeneration?: number | undefined;
}

/** An isolation may end by itself. */
export type GivenOrder = Order & { readonly ttlMs?: number };

/** `fleet` when every replica follows; `replica` when the store was away, or the breaker is local. */
export interface OrderResult {
  readonly reached: 'fleet' | 'replica';
  readonly generation: number;
}

export type Action = 'isolate' | 'reset';
export type GiveOrder = (action: Action, order: GivenOrder) => Promise<OrderResult>;
