#!/usr/bin/env node
try {
  await import('../dist/cli/main.js');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error;
  console.error("boardspec: not built yet; run 'npm run build' in its folder (npm start and npm test do so by themselves).");
  process.exit(1);
}
