/** What the conformance page does by itself: it filters, searches, remembers both in its address, and switches its theme. */
export const pageScript = `
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  const search = $('#search'), board = $('#board'), row = $('#row'), shown = $('#shown');
  const chips = $$('.chip'), scenarios = $$('details.scenario'), features = $$('section.feature');
  const text = new Map(scenarios.map(s => [s, s.textContent.toLowerCase()]));

  function apply(push) {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const states = new Set(chips.filter(c => c.getAttribute('aria-pressed') === 'true').map(c => c.dataset.state));
    let count = 0;
    for (const s of scenarios) {
      const hit = (states.size === 0 || states.has(s.dataset.state))
        && (board.value === '' || s.dataset.columns.split('\\n').includes(board.value))
        && (row.value === '' || s.dataset.rows.split(' ').includes(row.value))
        && words.every(word => text.get(s).includes(word));
      s.hidden = !hit;
      if (hit) count++;
    }
    for (const f of features) f.hidden = $$('details.scenario', f).every(s => s.hidden);
    shown.textContent = count === scenarios.length ? '' : count + ' of ' + scenarios.length + ' shown';
    if (push) {
      const state = new URLSearchParams();
      if (search.value) state.set('q', search.value);
      if (board.value) state.set('board', board.value);
      if (row.value) state.set('row', row.value);
      if (states.size) state.set('state', [...states].join(','));
      try { history.replaceState(null, '', state.size ? '#' + state : location.pathname + location.search); } catch { /* a page from a file may not */ }
    }
  }

  function fromAddress() {
    const state = new URLSearchParams(location.hash.slice(1));
    search.value = state.get('q') ?? '';
    board.value = state.get('board') ?? '';
    row.value = state.get('row') ?? '';
    const states = (state.get('state') ?? '').split(',');
    for (const c of chips) c.setAttribute('aria-pressed', String(states.includes(c.dataset.state)));
    apply(false);
    const target = location.hash.startsWith('#s-') && document.getElementById(location.hash.slice(1));
    if (target) { target.hidden = false; target.closest('section.feature').hidden = false; target.open = true; target.scrollIntoView(); }
  }

  search.addEventListener('input', () => apply(true));
  board.addEventListener('change', () => apply(true));
  row.addEventListener('change', () => apply(true));
  for (const c of chips) c.addEventListener('click', () => {
    c.setAttribute('aria-pressed', String(c.getAttribute('aria-pressed') !== 'true'));
    apply(true);
  });
  for (const cell of $$('button.cell')) cell.addEventListener('click', () => {
    row.value = cell.dataset.row;
    board.value = cell.dataset.board;
    search.value = '';
    for (const c of chips) c.setAttribute('aria-pressed', 'false');
    apply(true);
    $('#scenarios').scrollIntoView({ behavior: 'smooth' });
  });
  $('.theme').addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
  addEventListener('hashchange', fromAddress);
  // On paper, what failed is shown in full.
  addEventListener('beforeprint', () => { for (const s of scenarios) if (s.dataset.state === 'failed') s.open = true; });
  fromAddress();
})();
`;
