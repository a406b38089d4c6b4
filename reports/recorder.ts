/** Turns cucumber's messages into a run record. It can be asked at any time: an interrupted run has a record, too. */
import type { runCucumber } from '@cucumber/cucumber/api';
import { factsMediaType, type ScenarioFacts } from '../steps/facts.ts';
import { packageVersion } from '../targets/package-root.ts';
import {
  type Environment,
  type EvidenceRecord,
  type RunRecord,
  type RunRequest,
  recordFormat,
  rowsOf,
  type ScenarioRecord,
  type Status,
  type StepRecord,
} from './record.ts';
import { similarSentences } from './similar-sentences.ts';

export type Envelope = Parameters<NonNullable<Parameters<typeof runCucumber>[2]>>[0];
type Of<K extends keyof Envelope> = NonNullable<Envelope[K]>;
type Feature = NonNullable<Of<'gherkinDocument'>['feature']>;
type Child = Pick<Feature['children'][number], 'background' | 'scenario'>;
type GherkinStep = NonNullable<Child['background']>['steps'][number];

interface Node {
  readonly keyword: string;
  readonly line: number;
}

interface Running {
  readonly pickle: Of<'pickle'>;
  readonly testCase: Of<'testCase'>;
  attempts: number;
  started: number;
  finished: number | undefined;
  readonly results: Map<string, Of<'testStepFinished'>['testStepResult']>;
  facts: ScenarioFacts | undefined;
  evidence: EvidenceRecord[];
}

/** Called for every scenario when it has ended. */
export type ScenarioListener = (scenario: ScenarioRecord) => void;

export class RunRecorder {
  private readonly started = new Date();
  private meta: Of<'meta'> | undefined;
  private readonly features = new Map<string, { name: string; rules: Map<string, string> }>();
  private readonly nodes = new Map<string, Node>();
  private readonly pickles = new Map<string, Of<'pickle'>>();
  private readonly hooks = new Map<string, string>();
  private readonly testCases = new Map<string, Of<'testCase'>>();
  private readonly runs = new Map<string, Running>();
  private readonly byAttempt = new Map<string, Running>();
  private readonly ids = new Map<string, string>();
  private readonly errors: string[] = [];
  /** The sentences that steps were defined with. */
  private readonly stepPatterns: string[] = [];

  constructor(
    private readonly request: RunRequest,
    private readonly listener: ScenarioListener = () => {},
  ) {}

  /** How many scenarios are to run, as far as is known. */
  get planned(): number {
    return this.testCases.size || this.pickles.size;
  }

  accept(envelope: Envelope): void {
    if (envelope.meta) this.meta = envelope.meta;
    else if (envelope.gherkinDocument) this.learnFeature(envelope.gherkinDocument);
    else if (envelope.pickle) this.learnPickle(envelope.pickle);
    else if (envelope.parseError) this.errors.push(`${envelope.parseError.source.uri}: ${envelope.parseError.message}`);
    else if (envelope.hook) this.hooks.set(envelope.hook.id, envelope.hook.name ?? 'hook');
    else if (envelope.stepDefinition) this.stepPatterns.push(envelope.stepDefinition.pattern.source);
    else if (envelope.testCase) this.testCases.set(envelope.testCase.id, envelope.testCase);
    else if (envelope.testCaseStarted) this.start(envelope.testCaseStarted);
    else if (envelope.testStepFinished)
      this.byAttempt
        .get(envelope.testStepFinished.testCaseStartedId)
        ?.results.set(envelope.testStepFinished.testStepId, envelope.testStepFinished.testStepResult);
    else if (envelope.attachment) this.attach(envelope.attachment);
    else if (envelope.testCaseFinished) this.finish(envelope.testCaseFinished);
    else if (envelope.testRunHookFinished?.result.status === 'FAILED')
      this.errors.push(envelope.testRunHookFinished.result.message ?? 'a hook of the run failed');
    else if (envelope.testRunFinished?.exception?.message) this.errors.push(envelope.testRunFinished.exception.message);
  }

  record(interrupted = false): RunRecord {
    const ran = new Set([...this.runs.values()].map(({ pickle }) => pickle.id));
    const planned = this.testCases.size > 0 ? new Set([...this.testCases.values()].map(({ pickleId }) => pickleId)) : undefined;
    const scenarios = [...this.runs.values()].map(run => this.scenario(run));
    for (const pickle of this.pickles.values()) {
      if (!ran.has(pickle.id) && (planned?.has(pickle.id) ?? interrupted))
        scenarios.push({ ...this.describe(pickle), status: 'not-run', attempts: 0, duration: 0, steps: [], evidence: [] });
    }
    const order = new Map([...this.pickles.keys()].map((id, index) => [this.ids.get(id), index]));
    scenarios.sort((a, b) => order.get(a.id)! - order.get(b.id)!);
    return {
      format: recordFormat,
      boardspec: packageVersion,
      started: this.started.toISOString(),
      finished: new Date().toISOString(),
      interrupted,
      request: this.request,
      environment: this.environment(),
      scenarios,
      errors: this.errors,
    };
  }

  private environment(): Environment {
    const ci = this.meta?.ci;
    return {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cucumber: this.meta?.implementation.version ?? '',
      ...(ci === undefined ? {} : { ci: { name: ci.name, url: ci.url }, git: { revision: ci.git?.revision, branch: ci.git?.branch } }),
    };
  }

  private learnFeature(document: Of<'gherkinDocument'>): void {
    const feature = document.feature;
    if (!feature) return;
    const rules = new Map<string, string>();
    this.features.set(document.uri ?? '', { name: feature.name, rules });
    const learnSteps = (steps: readonly GherkinStep[] | undefined): void => {
      for (const step of steps ?? []) this.nodes.set(step.id, { keyword: step.keyword.trim(), line: step.location.line });
    };
    const learn = (children: readonly Child[], rule?: string): void => {
      for (const { background, scenario } of children) {
        learnSteps(background?.steps);
        if (!scenario) continue;
        learnSteps(scenario.steps);
        this.nodes.set(scenario.id, { keyword: scenario.keyword, line: scenario.location.line });
        if (rule !== undefined) rules.set(scenario.id, rule);
        for (const { tableBody } of scenario.examples)
          for (const row of tableBody) this.nodes.set(row.id, { keyword: '', line: row.location.line });
      }
    };
    learn(feature.children);
    for (const { rule } of feature.children) if (rule) learn(rule.children, rule.name);
  }

  private readonly sameName = new Map<string, number>();

  private learnPickle(pickle: Of<'pickle'>): void {
    this.pickles.set(pickle.id, pickle);
    const path = [pickle.uri, this.features.get(pickle.uri)?.rules.get(pickle.astNodeIds[0]) ?? '', pickle.name].join('#');
    const count = (this.sameName.get(path) ?? 0) + 1;
    this.sameName.set(path, count);
    this.ids.set(pickle.id, count === 1 ? path : `${path}#${count}`);
  }

  private start(started: Of<'testCaseStarted'>): void {
    const testCase = this.testCases.get(started.testCaseId);
    const pickle = testCase && this.pickles.get(testCase.pickleId);
    if (!testCase || !pickle) return;
    let run = this.runs.get(testCase.id);
    if (run === undefined) {
      run = { pickle, testCase, attempts: 0, started: 0, finished: undefined, results: new Map(), facts: undefined, evidence: [] };
      this.runs.set(testCase.id, run);
    }
    run.attempts = started.attempt + 1;
    run.started = milliseconds(started.timestamp);
    run.finished = undefined;
    run.results.clear();
    run.evidence = [];
    this.byAttempt.set(started.id, run);
  }

  private attach(attachment: Of<'attachment'>): void {
    const run = this.byAttempt.get(attachment.testCaseStartedId ?? '');
    if (run === undefined) return;
    const encoding = attachment.contentEncoding === 'BASE64' ? 'base64' : 'text';
    if (attachment.mediaType === factsMediaType) {
      run.facts = JSON.parse(
        encoding === 'base64' ? Buffer.from(attachment.body, 'base64').toString('utf8') : attachment.body,
      ) as ScenarioFacts;
      return;
    }
    run.evidence.push({ name: attachment.fileName ?? 'attachment', mediaType: attachment.mediaType, body: attachment.body, encoding });
  }

  private finish(finished: Of<'testCaseFinished'>): void {
    const run = this.byAttempt.get(finished.testCaseStartedId);
    if (run === undefined) return;
    run.finished = milliseconds(finished.timestamp);
    if (!finished.willBeRetried) this.listener(this.scenario(run));
  }

  private describe(pickle: Of<'pickle'>): Pick<ScenarioRecord, 'id' | 'uri' | 'line' | 'feature' | 'rule' | 'name' | 'tags' | 'rows'> {
    const feature = this.features.get(pickle.uri);
    const rule = feature?.rules.get(pickle.astNodeIds[0]);
    const tags = [...new Set(pickle.tags.map(({ name }) => name))];
    return {
      id: this.ids.get(pickle.id)!,
      uri: pickle.uri,
      line: this.nodes.get(pickle.astNodeIds.at(-1)!)?.line ?? 0,
      feature: feature?.name ?? '',
      ...(rule === undefined ? {} : { rule }),
      name: pickle.name,
      tags,
      rows: rowsOf(tags),
    };
  }

  private scenario(run: Running): ScenarioRecord {
    const steps = run.testCase.testSteps
      .map(testStep => this.step(run, testStep))
      .filter(step => step.keyword !== '' || step.message !== undefined);
    return {
      ...this.describe(run.pickle),
      status: run.finished === undefined ? 'not-run' : worst(steps.map(({ status }) => status)),
      ...(run.facts?.skipReason === undefined ? {} : { reason: run.facts.skipReason }),
      attempts: run.attempts,
      duration: Math.max(0, Math.round(((run.finished ?? run.started) - run.started) * 1000) / 1000),
      ...(run.facts === undefined ? {} : { facts: run.facts }),
      steps,
      evidence: run.evidence,
    };
  }

  private step(run: Running, testStep: Of<'testCase'>['testSteps'][number]): StepRecord {
    const result = run.results.get(testStep.id);
    const pickleStep = run.pickle.steps.find(({ id }) => id === testStep.pickleStepId);
    const node = pickleStep === undefined ? undefined : this.nodes.get(pickleStep.astNodeIds[0]);
    const table = pickleStep?.argument?.dataTable?.rows.map(({ cells }) => cells.map(({ value }) => value));
    const docString = pickleStep?.argument?.docString?.content;
    const message = result?.status === 'UNDEFINED' ? this.undefinedStep(pickleStep?.text ?? '') : result?.message;
    return {
      keyword: node?.keyword ?? '',
      text: pickleStep?.text ?? this.hooks.get(testStep.hookId ?? '') ?? '',
      ...(node === undefined ? {} : { line: node.line }),
      ...(docString === undefined ? {} : { docString }),
      ...(table === undefined ? {} : { table }),
      status: result === undefined ? 'not-run' : statusOf(result.status),
      duration: result === undefined ? 0 : result.duration.seconds * 1000 + result.duration.nanos / 1e6,
      ...(message === undefined ? {} : { message }),
    };
  }

  private undefinedStep(text: string): string {
    const near = similarSentences(text, this.stepPatterns);
    return near.length > 0
      ? `this step has no definition; did you mean:\n${near.map(sentence => `  ${sentence}`).join('\n')}`
      : 'this step has no definition; "boardspec steps" lists those that have';
  }
}

const rank: readonly Status[] = ['passed', 'not-run', 'skipped', 'pending', 'undefined', 'ambiguous', 'failed'];

function worst(statuses: readonly Status[]): Status {
  return rank[Math.max(0, ...statuses.map(status => rank.indexOf(status)))];
}

function statusOf(status: string): Status {
  const known = status.toLowerCase() as Status;
  return rank.includes(known) ? known : 'failed';
}

function milliseconds({ seconds, nanos }: { seconds: number; nanos: number }): number {
  return seconds * 1000 + nanos / 1e6;
}
