// Starts a Bluesky server (PDS) and its identity directory (PLC) on this machine only, for the tests.
//
//   node boot.mjs INSTALLED DATA
//
// INSTALLED is the folder that holds node_modules, DATA an empty folder for the server's files. One line of JSON
// on stdout says where everything is. It ends on SIGTERM, and when stdin closes: so it never outlives its tests.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const HERE = '127.0.0.1'
const [installed, data] = process.argv.slice(2)

// Neither server can be told which interface to listen on; both would answer the whole network.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, typeof port === 'object' ? { ...port, host: HERE } : { port, host: HERE }, ...rest)
}

const resolver = createRequire(path.join(installed, 'package.json'))
const load = (name) => import(pathToFileURL(resolver.resolve(name)).href)

async function freePort() {
  const probe = net.createServer().listen(0)
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

const { Database, PlcServer } = (await load('@did-plc/server')).default
const { PDS, envToCfg, envToSecrets } = await load('@atproto/pds')

const plc = PlcServer.create({ db: Database.mock(), port: await freePort() })
const plcPort = (await plc.start()).address().port

const env = {
  port: await freePort(),
  hostname: 'localhost',
  devMode: true,
  dataDirectory: data,
  blobstoreDiskLocation: path.join(data, 'blobs'),
  blobstoreDiskTmpLocation: path.join(data, 'blobs-tmp'),
  didPlcUrl: `http://${HERE}:${plcPort}`,
  inviteRequired: false,
  rateLimitsEnabled: process.env.PDS_RATE_LIMITS === 'on',
  jwtSecret: randomBytes(16).toString('hex'),
  adminPassword: randomBytes(16).toString('hex'),
  plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
}
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
await pds.start()

let stopping = false
async function stop() {
  if (stopping) return
  stopping = true
  await Promise.allSettled([pds.destroy(), plc.destroy()])
  process.exit(0)
}
process.on('SIGTERM', stop)
process.stdin.on('end', stop)
process.stdin.resume()

console.log(
  JSON.stringify({
    url: `http://localhost:${env.port}`,
    plc_url: env.didPlcUrl,
    jwt_secret: env.jwtSecret,
    admin_password: env.adminPassword,
  }),
)
