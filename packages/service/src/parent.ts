/** The other end of `forkChild`, in the child. */
export interface Parent<ToParent> {
  /** Nothing happens when the parent is gone. Resolves when the message is handed to the system. */
  send(message: ToParent): Promise<void>;
}

/** Listens to the process that forked this one, and ends this process together with it. */
export function openParent<FromParent, ToParent>(onMessage: (message: FromParent) => void): Parent<ToParent> {
  process.once('disconnect', () => process.exit(1));
  process.on('message', (message) => onMessage(message as FromParent));
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (process.connected) process.send?.(message, () => resolve());
        else resolve();
      }),
  };
}
