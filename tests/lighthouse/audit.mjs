// Lighthouse in its mobile setting: `node audit.mjs FOLDER CHROMIUM RUNS ADDRESS...` prints a line of JSON per run.
// FOLDER is where the packages are installed.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, chromium, runs, ...addresses] = process.argv.slice(2);
const packages = createRequire(`${folder}/package.json`);
const { default: lighthouse } = await import(pathToFileURL(packages.resolve("lighthouse")).href);
const launcher = await import(pathToFileURL(packages.resolve("chrome-launcher")).href);

const TRIES = 3; // a headless Chromium now and then paints nothing that could be measured

async function audited(address) {
  for (let attempt = 1; ; attempt += 1) {
    const { lhr } = await lighthouse(address, { port: chrome.port, output: "json", logLevel: "error" });
    if (!lhr.runtimeError) return lhr;
    if (attempt === TRIES) throw new Error(`${address}: ${lhr.runtimeError.message}`);
  }
}

function told(address, lhr) {
  const scores = Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(score * 100)]);
  const failed = Object.values(lhr.audits)
    .filter((audit) => audit.score !== null && audit.score < 1 && audit.scoreDisplayMode === "binary")
    .map((audit) => audit.id);
  return {
    address,
    scores: Object.fromEntries(scores),
    cls: lhr.audits["cumulative-layout-shift"].numericValue,
    bytes: lhr.audits["total-byte-weight"].numericValue,
    requests: lhr.audits["network-requests"].details.items.length,
    failed,
  };
}

const chrome = await launcher.launch({
  chromePath: chromium,
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
try {
  for (const address of addresses) {
    for (let run = 0; run < Number(runs); run += 1) {
      console.log(JSON.stringify(told(address, await audited(address))));
    }
  }
} finally {
  chrome.kill();
}
