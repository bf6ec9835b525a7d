// Fadada's own Node SDK on a line: one JSON command a line in, one JSON answer a line out.
'use strict'

const crypto = require('crypto')
const readline = require('readline')

console.log = () => {} // the SDK prints every request as a curl command, token and all

const [folder, serverUrl, appId, appSecret] = process.argv.slice(2)
const sdk = require(require.resolve('@fddnpm/fasc-openapi-node-sdk', { paths: [folder] }))
let accessToken = null

async function call({ client, method, req, secret, token }) {
  const credential = { appId, appSecret: secret || appSecret, accessToken: token || accessToken }
  const made = new sdk[client].Client({ serverUrl, credential })
  const answer = await made[method](req).catch((fault) => fault.response)
  return { status: answer.status, ...answer.data }
}

async function signIn({ secret }) {
  accessToken = null
  const told = await call({ client: 'serviceClient', method: 'getAccessToken', secret })
  accessToken = told.data && told.data.accessToken
  return told
}

// The request it would send at this instant and with this nonce: for a signature that can be compared.
async function callAt({ stamp, nonce, ...asked }) {
  const { getTime } = Date.prototype
  const { randomBytes } = crypto
  Date.prototype.getTime = () => Number(stamp)
  crypto.randomBytes = () => Buffer.from(nonce, 'hex')
  try {
    return await call(asked)
  } finally {
    Date.prototype.getTime = getTime
    crypto.randomBytes = randomBytes
  }
}

async function callbackSign({ headers, bizContent, secret }) {
  return { sign: sdk.utils.sign({ ...headers, bizContent, appSecret: secret || appSecret }) }
}

const doings = { call, signIn, callAt, callbackSign }

async function serve() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { what, ...asked } = JSON.parse(line)
    const answer = await doings[what](asked).catch((fault) => ({ broken: String(fault) }))
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
}

serve()
