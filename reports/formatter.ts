/**
 * The run record as a cucumber formatter, for projects that run cucumber-js by themselves:
 * `--format boardspec/formatter:reports/results.json`. Evidence goes beside the file. `boardspec report` makes the reports.
 */
import { withEvidence } from './record-file.ts';
import { type Envelope, RunRecorder } from './recorder.ts';

interface Context {
  readonly on: (key: 'message', handler: (envelope: Envelope) => void) => void;
  readonly write: (text: string) => void;
  readonly directory?: string;
}

export default {
  type: 'formatter',
  formatter({ on, write, directory }: Context): () => void {
    const recorder = new RunRecorder({});
    on('message', envelope => recorder.accept(envelope));
    return () => {
      const record = recorder.record();
      write(`${JSON.stringify(directory === undefined ? record : withEvidence(directory, record), null, 1)}\n`);
    };
  },
} as const;
