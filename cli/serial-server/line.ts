/** What a serial server needs of the board's port. */
export interface SerialLine {
  /** Bytes for the board. */
  write(data: Uint8Array): void;
  /** A terminal came or went (DTR). */
  connect(connected: boolean): void;
}

/** A server for one client at a time: who comes second is turned away, for a serial port has one end. */
export interface SerialServer {
  /** Where tools connect to, as they want it written. */
  readonly address: string;
  /** Bytes from the board. Without a client they are dropped, as by an open port that nobody reads. */
  send(data: Uint8Array): void;
  close(): Promise<void>;
}

/** Output that a client has not taken yet; a client that takes none is a cable nobody reads, and the rest is dropped. */
export const MOST_WAITING = 1 << 20;
