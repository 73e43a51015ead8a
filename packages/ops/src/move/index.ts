export type { Moved, MoveMessage, MoveProgress } from './messages.ts';
export { runMove } from './run-move.ts';
