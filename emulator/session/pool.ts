/** The host's side of sessions: a pool of worker threads, one for each board. */
import { SessionError } from './error.ts';
import type { BenchSetup, BoardDescription, PoolOptions, Session, SessionPool } from './handle.ts';
import { openSeveral } from './several-boards.ts';
import { Thread } from './thread.ts';
import { WorkerSession } from './worker-session.ts';

const DEFAULT_WALL_LIMIT = 30_000;
const DEFAULT_MEMORY = 1 << 30;

export function createPool(options: PoolOptions = {}): SessionPool {
  const idleLimit = options.idle ?? 2;
  const wallLimit = options.wallLimit ?? DEFAULT_WALL_LIMIT;
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  const take = (): Thread => {
    const waiting = idle.pop();
    if (waiting !== undefined && !waiting.dead) return waiting;
    const thread = new Thread(options.workerMemory ?? DEFAULT_MEMORY);
    all.add(thread);
    return thread;
  };
  const giveBack = (thread: Thread): void => {
    if (thread.dead) all.delete(thread);
    else if (idle.length < idleLimit) idle.push(thread);
    else {
      all.delete(thread);
      thread.die(new SessionError('closed', 'the session was closed'));
    }
  };
  return {
    async open(setup: BenchSetup): Promise<Session> {
      const limit = setup.wallLimit ?? wallLimit;
      if (setup.boards.length > 1) return openSeveral(setup, limit, take, giveBack);
      const thread = take();
      const boards = (await thread.call('open', [setup], limit)) as { name: string; description: BoardDescription }[];
      return new WorkerSession(thread, boards, limit, () => giveBack(thread));
    },
    async close(): Promise<void> {
      for (const thread of all) thread.die(new SessionError('closed', 'the pool was closed'));
      all.clear();
      idle.length = 0;
    },
  };
}
