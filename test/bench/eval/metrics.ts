/** Figures of one query, as trec_eval computes `ndcg_cut_10`, `recall_100` and `recip_rank` (cut at 10). */
export interface Figures {
  readonly ndcg10: number;
  readonly recall100: number;
  readonly mrr10: number;
}

/**
 * `ranking`: document ids, best first, each once. `grades`: the judged documents; what is not judged counts as not
 * relevant. The gain is the grade itself, the discount log2(rank + 1), the ideal that of all judged documents.
 * Undefined when no document is relevant: such a query is left out of every mean.
 */
export function figuresOf(
  ranking: readonly string[],
  grades: ReadonlyMap<string, number>,
): Figures | undefined {
  const relevant = [...grades.values()].filter((grade) => grade > 0);
  if (relevant.length === 0) return undefined;
  const gains = ranking.map((id) => Math.max(0, grades.get(id) ?? 0));
  const ideal = relevant.sort((a, b) => b - a);
  const first = gains.slice(0, 10).findIndex((gain) => gain > 0);
  return {
    ndcg10: discounted(gains.slice(0, 10)) / discounted(ideal.slice(0, 10)),
    recall100: gains.slice(0, 100).filter((gain) => gain > 0).length / relevant.length,
    mrr10: first === -1 ? 0 : 1 / (first + 1),
  };
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
