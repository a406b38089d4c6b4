/** The conformance report as one HTML file that needs nothing else: no network, no fonts, no scripts but its own. */
import { createHash } from 'node:crypto';
import { escapeHtml as e } from '../views/printable.ts';
import { formatDuration } from '../views/units.ts';
import type { Change, Comparison } from './comparison.ts';
import type { Cell, Column, Conformance, ConformanceRow, PlacedScenario } from './conformance.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { type EvidenceRecord, type StepRecord, verdict } from './record.ts';

export interface PageOptions {
  /** Reads a piece of evidence by its place beside the record; undefined if it is not there. */
  readonly readEvidence: (scenario: PlacedScenario, evidence: EvidenceRecord) => Buffer | undefined;
  readonly comparison?: Comparison;
  readonly title?: string;
}

/** Evidence beyond this is linked, not embedded: one piece, and the whole page. */
const embedLimit = { piece: 400_000, page: 12_000_000 };

const states = [
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
  ['not-run', 'not run'],
] as const;

export function page(report: Conformance, options: PageOptions): string {
  const title = options.title ?? 'Conformance report';
  const budget = { left: embedLimit.page };
  const sections = [
    head(report, title),
    verdictSection(report),
    report.errors.length > 0
      ? `<div class="errors"><h3>Outside of scenarios</h3>${report.errors.map(error => `<pre>${e(error)}</pre>`).join('')}</div>`
      : '',
    boardsSection(report),
    options.comparison === undefined ? '' : comparisonSection(options.comparison),
    matrix(report),
    filters(report),
    features(report, options, budget),
    footer(report),
  ];
  const hash = createHash('sha256').update(pageScript).digest('base64');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'">
<title>${e(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<a class="skip-link" href="#scenarios">To the scenarios</a>
<main>
${sections.filter(section => section !== '').join('\n')}
</main>
<script>${pageScript}</script>
</body>
</html>
`;
}

function head(report: Conformance, title: string): string {
  const run = report.runs[0];
  const facts = [
    run === undefined ? '' : `${run.started.slice(0, 16).replace('T', ' ')} UTC`,
    run?.environment.git?.revision ? `revision ${run.environment.git.revision.slice(0, 10)}` : '',
    report.runs.length > 1 ? `${report.runs.length} runs merged` : '',
  ];
  return `<div class="top"><div><p class="eyebrow">${e(facts.filter(fact => fact !== '').join(' · '))}</p><h1>${e(title)}</h1></div>
<button class="theme" type="button" title="Light or dark">◐ Theme</button></div>`;
}

function verdictSection({ totals, scenarios, runs }: Conformance): string {
  const all = scenarios.length;
  const sentence =
    totals.failed > 0
      ? `${totals.failed} of ${all} ${all === 1 ? 'scenario' : 'scenarios'} failed`
      : totals.passed === all
        ? `${all === 1 ? 'The one scenario passed' : `All ${all} scenarios passed`}`
        : `${totals.passed} of ${all} scenarios passed, none failed`;
  const interrupted = runs.some(({ interrupted }) => interrupted)
    ? '<p>The run was interrupted: what did not run is listed as such.</p>'
    : '';
  const bar = states.map(([state]) => (totals[state] > 0 ? `<span class="${state}" style="flex:${totals[state]}"></span>` : '')).join('');
  const legend = states
    .map(([state, name]) => (totals[state] > 0 ? `<span class="${state}"><b>${totals[state]}</b> ${name}</span>` : ''))
    .join('');
  return `<section class="verdict"><strong>${sentence}</strong>${interrupted}<div class="bar" role="presentation">${bar}</div><div class="legend">${legend}</div>${failureList(scenarios)}</section>`;
}

/** The way to each failure, at the top of the page. */
function failureList(scenarios: readonly PlacedScenario[]): string {
  const failed = scenarios.flatMap((scenario, index) => (verdict(scenario.status) === 'failed' ? [{ scenario, index }] : []));
  if (failed.length === 0) return '';
  const shown = failed
    .slice(0, 12)
    .map(({ scenario, index }) => `<li><a href="#s-${index + 1}">${e(scenario.name)}</a> <span>${e(scenario.feature)}</span></li>`);
  return `<ul class="failures">${shown.join('')}${failed.length > 12 ? `<li>… and ${failed.length - 12} more</li>` : ''}</ul>`;
}

function boardsSection({ columns, runs }: Conformance): string {
  const environment = runs[0]?.environment;
  const seed = runs[0]?.request.seed;
  const list = columns.map(({ board, target, machine, firmware, id }) => {
    const facts = [
      ['Target', target],
      ['Machine', machine],
      ['Firmware', firmware],
      ['Seed', seed === undefined ? '' : String(seed)],
      ['Host', environment === undefined ? '' : `Node ${environment.node}, ${environment.platform}`],
    ];
    return `<div class="board"><h3>${e(board || id)}</h3><dl>${facts.map(([name, value]) => (value ? `<dt>${name}</dt><dd>${e(value)}</dd>` : '')).join('')}</dl></div>`;
  });
  return `<div class="boards">${list.join('')}</div>`;
}

function matrix({ rows, columns }: Conformance): string {
  if (rows.length === 0) return '';
  const twice = (column: Column): boolean => columns.some(other => other.board === column.board && other.id !== column.id);
  const headings = columns
    .map(column => `<th scope="col">${e(column.board || column.id)}${twice(column) ? `<br>on ${e(column.target)}` : ''}</th>`)
    .join('');
  const groups = new Map<string, ConformanceRow[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  const tables = [...groups].map(([group, list]) => {
    const lines = list.map(
      row =>
        `<tr><th scope="row"><div><span class="id">${e(row.id)}</span><span>${e(row.title)}</span></div></th>${columns.map(column => `<td>${matrixCell(row.cells[column.id], row.id, column)}</td>`).join('')}</tr>`,
    );
    return `<div class="scroll"><table class="matrix"><thead><tr><th scope="col">${e(group || 'Row')}</th>${headings}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`;
  });
  return `<h2>What holds where</h2>
<div class="groups${columns.length > 2 ? ' wide' : ''}">${tables.join('\n')}</div>`;
}

function matrixCell(cell: Cell, row: string, column: Column): string {
  const all = cell.passed + cell.failed + cell.skipped + cell['not-run'];
  const words = states.filter(([state]) => cell[state] > 0).map(([state, name]) => `${cell[state]} ${name}`);
  const label = {
    holds: `✓ ${cell.passed}`,
    fails: `✗ ${cell.failed} of ${all}`,
    partly: `✓ ${cell.passed} of ${all}`,
    open: `– ${all}`,
    unspecified: '·',
  }[cell.state];
  if (cell.state === 'unspecified') return `<span class="cell unspecified" title="no scenario">${label}</span>`;
  return `<button type="button" class="cell ${cell.state}" data-row="${e(row)}" data-board="${e(column.id)}" title="${words.join(', ')}">${label}</button>`;
}

function filters({ columns, rows, totals }: Conformance): string {
  const used = rows.filter(({ cells }) => Object.values(cells).some(({ state }) => state !== 'unspecified'));
  const boardOptions = columns.map(({ id }) => `<option value="${e(id)}">${e(id)}</option>`).join('');
  const rowOptions = used.map(({ id, title }) => `<option value="${e(id)}">${e(`${id} ${title}`)}</option>`).join('');
  const chips = states
    .filter(([state]) => totals[state] > 0)
    .map(
      ([state, name]) =>
        `<button type="button" class="chip ${state}" data-state="${state}" aria-pressed="false">${totals[state]} ${name}</button>`,
    );
  return `<h2 id="scenarios">Scenarios</h2>
<div class="filters"><input type="search" id="search" placeholder="Search names, steps, messages" aria-label="Search scenarios">${chips.join('')}
<select id="row" aria-label="Row"><option value="">All rows</option>${rowOptions}</select>
<select id="board" aria-label="Board"${columns.length < 2 ? ' hidden' : ''}><option value="">All boards</option>${boardOptions}</select><span class="shown" id="shown" role="status"></span></div>`;
}

function features({ scenarios, columns }: Conformance, options: PageOptions, budget: { left: number }): string {
  const numbers = new Map(scenarios.map((scenario, index) => [scenario, index + 1]));
  const byFile = new Map<string, PlacedScenario[]>();
  for (const scenario of scenarios) byFile.set(scenario.uri, [...(byFile.get(scenario.uri) ?? []), scenario]);
  return [...byFile]
    .map(([uri, list]) => {
      const items = list.map(scenario => scenarioItem(scenario, numbers.get(scenario)!, columns.length > 1, options, budget));
      return `<section class="feature"><header><h3>${e(list[0].feature || uri)}</h3><span class="mono">${e(uri)}</span></header>${items.join('\n')}</section>`;
    })
    .join('\n');
}

function scenarioItem(
  scenario: PlacedScenario,
  number: number,
  severalColumns: boolean,
  options: PageOptions,
  budget: { left: number },
): string {
  const state = verdict(scenario.status);
  const icon = { passed: '✓', failed: '✗', skipped: '–', 'not-run': '○' }[state];
  const virtual = scenario.facts?.virtualTime;
  const meta = [
    severalColumns ? scenario.columns.join(', ') : '',
    virtual === undefined ? '' : `${formatDuration(virtual)} virtual`,
    scenario.attempts > 1 ? `${scenario.attempts} attempts` : '',
  ].filter(fact => fact !== '');
  const rule = scenario.rule === undefined ? '' : `<span class="rule">${e(scenario.rule)}: </span>`;
  const reason = scenario.reason === undefined ? '' : `<span class="reason">skipped: ${e(scenario.reason)}</span>`;
  const facts = [
    `${scenario.uri}:${scenario.line}`,
    virtual === undefined ? '' : `${formatDuration(virtual)} of virtual time`,
    `${Math.round(scenario.duration)} ms of host time`,
    scenario.tags.join(' '),
  ].filter(fact => fact !== '');
  const evidence = scenario.evidence.map(piece => evidenceItem(scenario, piece, options, budget)).join('');
  return `<details class="scenario" id="s-${number}" data-state="${state}" data-rows="${e(scenario.rows.join(' '))}" data-columns="${scenario.columns.map(e).join('\n')}"${state === 'failed' ? ' open' : ''}>
<summary><span class="${state}" title="${state}">${icon}</span><span class="name">${rule}${e(scenario.name)}<span class="rows">${e(scenario.rows.join(' '))}</span>${reason}</span><span class="meta">${e(meta.join(' · '))}</span></summary>
<div class="body"><ol class="steps">${scenario.steps.map(step).join('')}</ol><p class="facts">${e(facts.join(' · '))}</p>${evidence}</div></details>`;
}

function step(step: StepRecord): string {
  const state = verdict(step.status);
  const doc = step.docString === undefined ? '' : `<pre>${e(step.docString)}</pre>`;
  const table =
    step.table === undefined
      ? ''
      : `<table>${step.table.map(row => `<tr>${row.map(value => `<td>${e(value)}</td>`).join('')}</tr>`).join('')}</table>`;
  const message = step.message === undefined ? '' : `<pre class="message">${e(step.message)}</pre>`;
  return `<li class="${state}"><span class="keyword">${e(step.keyword)}</span> ${e(step.text)}${doc}${table}${message}</li>`;
}

function evidenceItem(scenario: PlacedScenario, evidence: EvidenceRecord, options: PageOptions, budget: { left: number }): string {
  const name = e(evidence.name);
  const link = evidence.file === undefined ? '' : ` <a href="${e(encodeURI(evidence.file))}">file</a>`;
  const bytes = options.readEvidence(scenario, evidence);
  if (bytes === undefined || bytes.length > embedLimit.piece || bytes.length > budget.left)
    return link === '' ? '' : `<p class="evidence-item">${name}:${link}</p>`;
  const picture = evidence.mediaType === 'image/svg+xml' || evidence.mediaType === 'image/png';
  if (picture) {
    budget.left -= bytes.length * 1.4;
    return `<details class="evidence-item" open><summary>${name}</summary><img alt="${name}" src="data:${evidence.mediaType};base64,${bytes.toString('base64')}"></details>`;
  }
  if (evidence.mediaType.startsWith('text/') && !evidence.name.endsWith('.vcd')) {
    budget.left -= bytes.length;
    return `<details class="evidence-item"><summary>${name}</summary><pre class="evidence">${e(bytes.toString('utf8'))}</pre></details>`;
  }
  return `<p class="evidence-item">${name}:${link}</p>`;
}

function comparisonSection(comparison: Comparison): string {
  const lists: [string, readonly Change[]][] = [
    ['Broken', comparison.broken],
    ['Fixed', comparison.fixed],
    ['New', comparison.added],
    ['Gone', comparison.removed],
    ['Changed otherwise', comparison.other],
    ['Slower in virtual time', comparison.slower],
    ['Faster in virtual time', comparison.faster],
  ];
  const filled = lists.filter(([, changes]) => changes.length > 0);
  const content =
    filled.length === 0
      ? '<p>Nothing changed.</p>'
      : `<div class="changes">${filled.map(([title, changes]) => `<section><h3>${title}: ${changes.length}</h3><ul>${changes.map(change => `<li>${changeText(change)}</li>`).join('')}</ul></section>`).join('')}</div>`;
  return `<h2>Changes since ${e(comparison.since)}</h2>${content}`;
}

function changeText({ scenario, before }: Change): string {
  const times =
    before?.status === scenario.status && before.facts?.virtualTime !== undefined && scenario.facts?.virtualTime !== undefined
      ? `: ${formatDuration(before.facts.virtualTime)} → ${formatDuration(scenario.facts.virtualTime)}`
      : '';
  const states = before !== undefined && before.status !== scenario.status ? ` (${before.status} → ${scenario.status})` : '';
  return e(`${scenario.feature}: ${scenario.name}${states}${times}`);
}

function footer({ boardspec, generated, runs }: Conformance): string {
  const requests = [
    ...new Set(
      runs.map(({ request }) =>
        [
          request.target && `target ${request.target}`,
          request.board && `board ${request.board}`,
          request.tags && `tags ${request.tags}`,
          request.shard && `shard ${request.shard}`,
        ]
          .filter(Boolean)
          .join(', '),
      ),
    ),
  ].filter(text => text !== '');
  return `<footer>boardspec ${e(boardspec)}, ${e(generated)}${requests.length > 0 ? `; ${e(requests.join(' + '))}` : ''}</footer>`;
}
