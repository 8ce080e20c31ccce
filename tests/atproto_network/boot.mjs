// Starts a small AT Protocol network on this machine only, for the tests: an identity directory (PLC), a server (PDS),
// and Bluesky's AppView, which reads the server's firehose and answers as the world's apps are answered.
//
//   node boot.mjs INSTALLED DATA
//
// INSTALLED is the folder that holds node_modules, DATA an empty folder for the servers' files; DB_POSTGRES_URL and
// REDIS_HOST are where the AppView keeps what it indexed. One line of JSON on stdout says where everything is. It ends on
// SIGTERM, and when stdin closes: so it never outlives its tests. Moderation and its tools are left out: no test asks
// them, and without them it boots in half the time.

import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const HERE = '127.0.0.1'
const [installed, data] = process.argv.slice(2)
process.env.TMPDIR = data // where dev-env puts a server's files

// No server can be told which interface to listen on; all would answer the whole network.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, typeof port === 'object' ? { ...port, host: HERE } : { port, host: HERE }, ...rest)
}

const resolver = createRequire(path.join(installed, 'package.json'))
const { ADMIN_PASSWORD, JWT_SECRET, TestBsky, TestBsync, TestPds, TestPlc, mockNetworkUtilities } = await import(
  pathToFileURL(resolver.resolve('@atproto/dev-env')).href
)

async function freePort() {
  const probe = net.createServer()
  await new Promise((ready) => probe.listen(0, ready))
  const { port } = probe.address()
  await new Promise((closed) => probe.close(closed))
  return port
}

const dbUrl = process.env.DB_POSTGRES_URL
const plc = await TestPlc.create({})
const pdsPort = await freePort()
const bsync = await TestBsync.create({ apiKeys: ['bsync-api-key'], dbUrl, dbSchema: 'bsync' })
const bsky = await TestBsky.create({
  plcUrl: plc.url,
  pdsPort,
  bsyncApiKey: 'bsync-api-key',
  bsyncUrl: bsync.url,
  repoProvider: `ws://localhost:${pdsPort}`,
  dbPostgresSchema: 'appview',
  dbPostgresUrl: dbUrl,
  redisHost: process.env.REDIS_HOST,
})
bsync.ctx.dataplaneClients = [bsky.ctx.dataplane]
const pds = await TestPds.create({
  port: pdsPort,
  didPlcUrl: plc.url,
  bskyAppViewUrl: bsky.url,
  bskyAppViewDid: bsky.ctx.cfg.serverDid,
})
mockNetworkUtilities(pds, bsky)

let stopping = false
async function stop() {
  if (stopping) return
  stopping = true
  await Promise.allSettled([bsky.close(), bsync.close(), pds.close(), plc.close()])
  process.exit(0)
}
process.on('SIGTERM', stop)
process.stdin.on('end', stop)
process.stdin.resume()

console.log(
  JSON.stringify({
    url: pds.url,
    plc_url: plc.url,
    appview_url: bsky.url,
    jwt_secret: JWT_SECRET,
    admin_password: ADMIN_PASSWORD,
  }),
)
