interface OpenStream {
  readonly onStop: 'end' | 'finish';
  end(): void;
}

/** The event streams that are open now, so that a stop can end those that never end by themselves. */
export interface OpenStreams {
  readonly size: number;
  /** Returns the function that takes it out again. */
  add(stream: OpenStream): () => void;
  endAll(): void;
}

export function createOpenStreams(): OpenStreams {
  const streams = new Set<OpenStream>();
  return {
    get size() {
      return streams.size;
    },
    add(stream) {
      streams.add(stream);
      return () => streams.delete(stream);
    },
    endAll() {
      for (const stream of [...streams]) if (stream.onStop === 'end') stream.end();
    },
  };
}
