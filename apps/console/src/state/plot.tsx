import { texts } from '../texts.ts';

const WIDTH = 300;
const HEIGHT = 60;

export interface PlotProps {
  readonly label: string;
  /** Oldest first; undefined where nothing was measured. */
  readonly values: readonly (number | undefined)[];
  readonly limit?: number;
  readonly format: (value: number) => string;
}

/** What changes over time, as a line and in words. */
export function Plot({ label, values, limit, format }: PlotProps) {
  const known = values.filter((value) => value !== undefined);
  const last = known.at(-1);
  const top = Math.max(limit ?? 0, ...known, Number.MIN_VALUE) * 1.1;
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT;
  const x = (at: number) => (values.length < 2 ? 0 : (at / (values.length - 1)) * WIDTH);
  const points = values.flatMap((value, at) => (value === undefined ? [] : [`${x(at)},${y(value)}`]));
  const now = last === undefined ? texts.state.unknown : format(last);
  return (
    <figure class="plot">
      <figcaption>
        {label} <strong>{now}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label} ${now}`}
      >
        {limit !== undefined && <line class="limit" x1="0" x2={WIDTH} y1={y(limit)} y2={y(limit)} />}
        <polyline points={points.join(' ')} />
      </svg>
    </figure>
  );
}
