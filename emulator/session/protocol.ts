/** What goes between the host's thread and a worker: calls with numbered answers, and news that nobody asked for. */

export interface CallMessage {
  readonly kind: 'call';
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type WorkerMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly now: number }
  | {
      readonly kind: 'failure';
      readonly id: number;
      readonly code: string;
      readonly message: string;
      readonly known: readonly string[];
      readonly now: number;
    }
  /** A host error in the worker: the session is over. */
  | { readonly kind: 'died'; readonly message: string; readonly now: number }
  | { readonly kind: 'output'; readonly board: string; readonly port: string; readonly bytes: Uint8Array; readonly now: number }
  /** A part that is written in the host is asked something; the worker waits for the answer. */
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly part: string;
      readonly method: string;
      readonly args: readonly unknown[];
      readonly now: number;
    };

/** The host's answer to `ask`: a value, or what went wrong in the user's code. */
export interface AnswerMessage {
  readonly kind: 'reply';
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** The shared words: [0] counts the host's messages, [1] the bytes of output that the host has not taken yet. */
export const SIGNAL_WORDS = 4;
