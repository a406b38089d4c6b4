/** Thrown to leave a thread's frames as they are, so that another thread can run. Guest code never sees it. */
export class ThreadSwitch {
  /** `repeat`: the instruction has not been done and is done anew when the thread's turn comes. */
  constructor(readonly repeat: boolean) {}
}
