/** One thing that a drill tried. */
export interface DrillCheck {
  readonly name: string;
  readonly isPassed: boolean;
  readonly detail: string;
}
