/** The formatter that prints nothing: `boardspec test` shows progress itself, and cucumber always wants one for stdout. */
export default { type: 'formatter', formatter: () => {} } as const;
