/** A trigger output inside the chip: a timer's TRGO on its way to other timers, the DAC, the ADC. */
export class Trigger {
  private readonly listeners: { rise: () => void; fall: (() => void) | undefined }[] = [];

  /** @param onWanted called when the first listener came or the last one went */
  constructor(private readonly onWanted: () => void) {}

  /** The level now, for those who gate. */
  level = false;

  get wanted(): boolean {
    return this.listeners.length > 0;
  }

  /** Calls back at each trigger. @param fall called when the level goes away again @returns a function that ends it */
  observe(rise: () => void, fall?: () => void): () => void {
    const entry = { rise, fall };
    this.listeners.push(entry);
    if (this.listeners.length === 1) this.onWanted();
    return () => {
      const place = this.listeners.indexOf(entry);
      if (place < 0) return;
      this.listeners.splice(place, 1);
      if (this.listeners.length === 0) this.onWanted();
    };
  }

  /** A pulse: rises and falls at once. */
  pulse(): void {
    for (const { rise } of this.listeners.slice()) rise();
  }

  /** Rises or falls. */
  set(level: boolean): void {
    if (level === this.level) return;
    this.level = level;
    for (const { rise, fall } of this.listeners.slice()) (level ? rise : fall)?.();
  }
}
