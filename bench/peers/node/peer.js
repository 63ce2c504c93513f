// peer.js CLOUD WAY ACTION COUNT: azure or aws, best, send or consume. Prints its CPU and time, start-up left out.
const [cloud, , action, text] = process.argv.slice(2);
const messages = Number(text);
const { [action]: work } = await import(`./${cloud}.js`);
const begun = performance.now();
const before = process.cpuUsage();
await work(messages);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ messages, seconds: (performance.now() - begun) / 1000, cpu_seconds: (user + system) / 1e6 }));
process.exit(0);
