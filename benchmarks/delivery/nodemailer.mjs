// One run of nodemailer, in a process of its own: prints what it cost as a JSON line. Benchmarks only.
//
//   node nodemailer.mjs '{"module": …, "port": 2525, "messages": 100, "connections": 10, "letter": FILE, "how": "built"}'
//
// "how": "fixed" sends the same bytes to everybody, "built" builds each message, "signed" signs it with RSA besides.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const order = JSON.parse(process.argv[2]);
const nodemailer = createRequire(order.module + '/')('nodemailer');
const letter = JSON.parse(readFileSync(order.letter, 'utf8'));
const raw = order.raw ? readFileSync(order.raw) : null;

const settings = {
  host: '127.0.0.1', port: order.port, name: 'sender.example.org', secure: false, ignoreTLS: true,
  pool: true, maxConnections: order.connections, maxMessages: Infinity,
};
if (order.how === 'signed') {
  settings.dkim = { domainName: 'example.org', keySelector: 'r1', privateKey: readFileSync(order.key, 'utf8') };
}
const transport = nodemailer.createTransport(settings);

function message(n) {
  const to = `reader${n}@example.net`;
  if (order.how === 'fixed') return { envelope: { from: 'news@example.org', to: [to] }, raw };
  const token = n.toString(16).padStart(32, '0');
  const values = {
    name: ['Ada Lovelace', 'Zoë Müller-Łukasiewicz', "O'Brien, Pat"][n % 3], address: to,
    unsubscribe_url: `https://digest.example.org/u/${token}`,
    preferences_url: `https://digest.example.org/preferences/${token}`,
  };
  const fill = (text) => text.replace(/%(\w+?)%/g, (found, field) => values[field] ?? found);
  return {
    from: letter.from, to: { name: values.name, address: to }, subject: letter.subject,
    text: fill(letter.text), html: fill(letter.html), textEncoding: 'quoted-printable',
    headers: { 'List-Unsubscribe': `<${values.unsubscribe_url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  };
}

let next = 0;
async function lane() {
  while (next < order.messages) await transport.sendMail(message(next++));
}

const [cpu, wall] = [process.cpuUsage(), process.hrtime.bigint()];
await Promise.all(Array.from({ length: order.connections * 2 }, lane));
const used = process.cpuUsage(cpu);
transport.close();
console.log(JSON.stringify({
  sent: order.messages, cpu_s: (used.user + used.system) / 1e6, wall_s: Number(process.hrtime.bigint() - wall) / 1e9,
}));
