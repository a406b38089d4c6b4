/** How the conformance page looks: on a phone, in the dark, and on paper. */
export const pageStyle = `
:root {
  --bg: #f6f7f9; --card: #ffffff; --ink: #1b2430; --soft: #5b6776; --line: #dfe4ea; --line-soft: #edf0f4; --code: #f3f5f8;
  --accent: #0b6e75; --accent-soft: #e0f1f2;
  --good: #17733f; --good-soft: #e2f4e8; --bad: #b3261e; --bad-soft: #fdeae8; --warn: #8a5a00; --warn-soft: #fdf1d8; --none: #8792a0; --none-soft: #eef1f4;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  color-scheme: light;
}
:root[data-theme="dark"] {
  --bg: #11161c; --card: #1a2129; --ink: #e3e9f0; --soft: #9aa7b5; --line: #2d3741; --line-soft: #242d36; --code: #141a21;
  --accent: #5cc4cb; --accent-soft: #143a3e;
  --good: #6cd391; --good-soft: #153524; --bad: #ff8a80; --bad-soft: #42201e; --warn: #f0bd5b; --warn-soft: #3b2e13; --none: #8592a0; --none-soft: #262f38;
  color-scheme: dark;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {
    --bg: #11161c; --card: #1a2129; --ink: #e3e9f0; --soft: #9aa7b5; --line: #2d3741; --line-soft: #242d36; --code: #141a21;
    --accent: #5cc4cb; --accent-soft: #143a3e;
    --good: #6cd391; --good-soft: #153524; --bad: #ff8a80; --bad-soft: #42201e; --warn: #f0bd5b; --warn-soft: #3b2e13; --none: #8592a0; --none-soft: #262f38;
    color-scheme: dark;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 80px; }
a { color: var(--accent); }
h1 { font-size: 26px; line-height: 1.2; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 18px; margin: 40px 0 12px; }
h3 { font-size: 15px; margin: 0; }
code, pre, .mono { font-family: var(--mono); font-size: 13px; }
.top { display: flex; align-items: flex-start; gap: 16px; justify-content: space-between; }
.eyebrow { color: var(--soft); font-size: 13px; margin: 0 0 4px; }
.theme { border: 1px solid var(--line); background: var(--card); color: var(--ink); border-radius: 8px; padding: 6px 10px; font: inherit; font-size: 13px; cursor: pointer; }
.verdict { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; margin-top: 20px; }
.verdict strong { font-size: 20px; }
.verdict p { margin: 2px 0 0; color: var(--soft); }
.bar { display: flex; height: 10px; border-radius: 5px; overflow: hidden; margin: 14px 0 12px; background: var(--none-soft); gap: 2px; }
.bar span { display: block; min-width: 4px; }
.bar .passed { background: var(--good); } .bar .failed { background: var(--bad); } .bar .skipped { background: var(--warn); } .bar .not-run { background: var(--none); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; font-size: 14px; }
.legend span::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 7px; background: currentColor; }
.legend b { color: var(--ink); font-variant-numeric: tabular-nums; }
.passed { color: var(--good); } .failed { color: var(--bad); } .skipped { color: var(--warn); } .not-run { color: var(--none); }
.boards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 12px; margin-top: 12px; }
.board { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; }
.board h3 { margin-bottom: 6px; }
.board dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 0; font-size: 13px; }
.board dt { color: var(--soft); } .board dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
table.matrix { border-collapse: collapse; width: 100%; }
table.matrix th, table.matrix td { padding: 6px 12px; text-align: left; border-top: 1px solid var(--line-soft); vertical-align: middle; }
table.matrix thead th { border-top: 0; font-size: 13px; color: var(--soft); font-weight: 600; white-space: nowrap; }
table.matrix thead th:nth-child(n+2), table.matrix td { text-align: center; }
table.matrix tbody th { font-weight: 400; }
table.matrix tbody th div { display: flex; gap: 8px; align-items: baseline; }
table.matrix .id { flex: none; width: 32px; font-family: var(--mono); font-size: 13px; color: var(--soft); }
.groups { columns: 2 400px; column-gap: 12px; }
.groups .scroll { break-inside: avoid; margin-bottom: 12px; }
.groups.wide { columns: 1; }
.failures { margin: 14px 0 0; padding: 12px 0 0 18px; border-top: 1px solid var(--line-soft); font-size: 14px; }
.failures span { color: var(--soft); }
.cell { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-width: 64px; border: 0; border-radius: 7px; padding: 3px 9px; font: inherit; font-size: 13px; font-variant-numeric: tabular-nums; cursor: pointer; }
.cell.holds { background: var(--good-soft); color: var(--good); } .cell.fails { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.cell.partly { background: var(--warn-soft); color: var(--warn); } .cell.open { background: var(--none-soft); color: var(--soft); }
.cell.unspecified { background: none; color: var(--none); cursor: default; }
.filters { position: sticky; top: 0; z-index: 2; background: var(--bg); padding: 10px 0; display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.filters input[type=search] { flex: 1 1 220px; min-width: 0; }
.filters input[type=search], .filters select { font: inherit; font-size: 14px; padding: 7px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: var(--ink); max-width: 100%; }
.chip { font: inherit; font-size: 13px; border: 1px solid var(--line); background: var(--card); color: var(--soft); border-radius: 99px; padding: 5px 12px; cursor: pointer; }
.chip[aria-pressed=true] { border-color: currentColor; font-weight: 600; }
.chip.passed[aria-pressed=true] { color: var(--good); } .chip.failed[aria-pressed=true] { color: var(--bad); } .chip.skipped[aria-pressed=true] { color: var(--warn); } .chip.not-run[aria-pressed=true] { color: var(--ink); }
.shown { color: var(--soft); font-size: 13px; }
.feature { background: var(--card); border: 1px solid var(--line); border-radius: 12px; margin: 12px 0; overflow: hidden; }
.feature > header { padding: 12px 16px; display: flex; gap: 12px; align-items: baseline; justify-content: space-between; flex-wrap: wrap; }
.feature > header .mono { color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
details.scenario { border-top: 1px solid var(--line-soft); }
details.scenario > summary { display: grid; grid-template-columns: 20px 1fr auto; gap: 10px; padding: 9px 16px; cursor: pointer; list-style: none; align-items: baseline; }
details.scenario > summary::-webkit-details-marker { display: none; }
details.scenario > summary:hover { background: var(--code); }
summary .name { overflow-wrap: anywhere; }
summary .rule { color: var(--soft); }
summary .meta { color: var(--soft); font-size: 12px; text-align: right; font-variant-numeric: tabular-nums; }
summary .rows { font-family: var(--mono); font-size: 12px; color: var(--accent); margin-left: 6px; }
summary .reason { display: block; color: var(--warn); font-size: 13px; }
.body { padding: 2px 16px 16px 46px; }
.steps { list-style: none; margin: 0; padding: 0; }
.steps li { padding: 2px 0 2px 22px; position: relative; overflow-wrap: anywhere; }
.steps li::before { position: absolute; left: 0; }
.steps li.passed::before { content: "✓"; color: var(--good); } .steps li.failed::before { content: "✗"; color: var(--bad); }
.steps li.skipped::before, .steps li.not-run::before { content: "–"; color: var(--none); }
.steps li.passed, .steps li.failed { color: var(--ink); } .steps li.skipped, .steps li.not-run { color: var(--soft); }
.steps .keyword { color: var(--accent); font-weight: 600; }
.steps pre, pre.evidence { background: var(--code); border: 1px solid var(--line-soft); border-radius: 8px; padding: 8px 12px; margin: 4px 0; overflow-x: auto; color: var(--ink); max-height: 480px; tab-size: 4; }
.steps pre.message { background: var(--bad-soft); border-color: transparent; }
.steps table { border-collapse: collapse; margin: 4px 0; font-size: 13px; }
.steps table td { border: 1px solid var(--line); padding: 2px 8px; font-family: var(--mono); }
.facts { color: var(--soft); font-size: 13px; margin: 10px 0 0; }
.evidence-item { margin-top: 10px; }
.evidence-item > summary { cursor: pointer; color: var(--accent); font-size: 14px; }
.evidence-item img { display: block; max-width: 100%; background: #fff; border: 1px solid var(--line); border-radius: 8px; margin-top: 6px; }
.changes { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px; }
.changes section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; }
.changes ul { margin: 6px 0 0; padding-left: 18px; font-size: 14px; }
.errors { background: var(--bad-soft); border-radius: 12px; padding: 12px 16px; margin-top: 12px; }
.errors pre { white-space: pre-wrap; margin: 0; }
footer { color: var(--soft); font-size: 13px; margin-top: 48px; border-top: 1px solid var(--line); padding-top: 14px; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip-link { position: absolute; left: -999px; } .skip-link:focus { left: 12px; top: 12px; }
@media (max-width: 640px) {
  main { padding: 18px 12px 60px; } h1 { font-size: 22px; }
  details.scenario > summary { grid-template-columns: 18px 1fr; padding: 9px 12px; } summary .meta { grid-column: 2; text-align: left; }
  .body { padding: 2px 12px 14px; } .feature > header { padding: 10px 12px; } table.matrix th, table.matrix td { padding: 6px 8px; }
  .filters { position: static; }
}
@media print {
  :root, :root[data-theme="dark"] { --bg: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --line-soft: #ddd; --code: #f6f6f6; --good: #0a5c2c; --bad: #9b1c14; --warn: #704800; --none: #666; --accent: #064f54; color-scheme: light; }
  body { font-size: 11px; } main { max-width: none; padding: 0; } .filters, .theme, .skip-link { display: none; }
  .feature, .board, .verdict, details.scenario { break-inside: avoid; } .feature:has(.scenario:nth-of-type(6)) { break-inside: auto; }
  .steps pre, pre.evidence { max-height: none; white-space: pre-wrap; } .bar, .cell { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
