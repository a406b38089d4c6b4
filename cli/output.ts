/** A board's output on a stream of this process, no faster than whoever reads it. */
export function writer(stream: NodeJS.WriteStream): (data: Uint8Array) => void | Promise<void> {
  let drained: Promise<void> | undefined;
  return data => {
    if (stream.write(data)) return;
    drained ??= new Promise(resolve => {
      const done = () => {
        for (const event of ['drain', 'close', 'error']) stream.off(event, done);
        drained = undefined;
        resolve();
      };
      for (const event of ['drain', 'close', 'error']) stream.on(event, done);
    });
    return drained;
  };
}
