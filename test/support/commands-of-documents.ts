/** Why a command of the documents is not run by `test/documents.test.ts`. Each pattern has to match one of them. */
export const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/\bpodman\b|^systemctl |^loginctl /, 'needs containers or systemd: test/compose'],
  [/^(mkdir -p ~|cat > ~|\[(Unit|Service|Install)\]$|[A-Z][A-Za-z]+=\S+$|UNIT$)/, 'a unit for systemd'],
  [/^[A-Z][A-Za-z]+=podman /, 'a unit for systemd'],
  [/^RemainAfterExit=yes$/, 'a unit for systemd'],
  [/^npm run quadlet -- ~/, 'writes to the home folder; with another folder it is run'],
  [/^error container crawler: /, 'what the doctor prints'],
  [/npm start$/, 'the stack under test is such a start'],
  [/^npm run (add|ask) -- /, 'the tour, which is run as it stands'],
  [/^(npm test|npm run (check|fix|bench|test:\w+|sbom|licences))$/, 'takes minutes, or changes the checkout'],
  [/^npx turbo run |^npm run (eval|bench) -- |npx vitest run /, 'takes minutes, a model or a data set'],
  [
    /^(npm run|npm run (ask|keys|models|backup --|quadlet)|BACKUP|npm run backup -- create)$/,
    'the name of commands that are run with operands',
  ],
  [/^npm run audit -- check$/, 'asks Podman and the npm registry: packages/ops'],
  [/^npm run reclaim -- --yes$/, 'removes what is on this machine: packages/ops'],
  [
    /^BACKUP create .* --recipient |^BACKUP run |--metrics-file/,
    'needs a key, or runs until it is stopped: packages/ops',
  ],
  [/^BACKUP restore /, 'needs a stack that is stopped: test/backup.test.ts'],
  [/^aws s3 cp |mc pipe /, 'programs of vendors, and a store of theirs'],
  [/^npm run lint:compose -- FILE/, 'stands for files of the reader: packages/compose-lint'],
];

/** The commands of the documents that are run, in this order, and what each has to print. */
export const RUN: ReadonlyMap<string, RegExp> = new Map([
  [
    `curl -s localhost:8081/v1/crawls -H "$A" -H "$J" -d '{"url": "http://127.0.0.1:8000/", "limit": 50}'`,
    /"status":"queued"/,
  ],
  [
    'curl -s localhost:8081/v1/crawls/01M84434QPND0P9FWTW1W6GTDX -H "$A"',
    /"counters":\{"discovered":\d+,"queued"/,
  ],
  ['npm run crawl -- https://nodejs.org/api/ --limit 50 --follow', /: completed_with_errors \(exhausted\)/],
  [
    `curl -s localhost:8080/v1/query -H "$A" -H "$J" -d '{"query": "How can I find the commit that introduced a bug?"}'`,
    /"mode":"\w+","citations":/,
  ],
  [
    `curl -s localhost:8080/v1/query -H "$A" -H "$J" -d '{"query": "What is the capital of France?"}'`,
    /"answer":"Nothing in the collection \\"default\\" answers this question\.","mode":"none"/,
  ],
  ['npm run status', /^rag .*\n[\s\S]*^crawler /m],
  ['npm run doctor', /stack/],
  ['npm run reclaim', /\S/],
  ['npm run keys -- create --scopes query', /^xnai_[\w-]{43}$/m],
  ['npm run keys -- create --scopes admin --name ann', /^xnai_[\w-]{43}$/m],
  ['npm run keys -- create --scopes metrics --name prometheus', /^xnai_[\w-]{43}$/m],
  ['npm run audit -- show', /key\.create .* name=ann /],
  ['npm run audit -- show --since 7d', /crawl\.submit/],
  ['npm run audit -- verify', /Every line is as it was written/],
  ['npm run models -- list | pull [REFERENCE] [--wait] | verify | rm NAME', /\S/],
  ['npm run quadlet -- FOLDER', /\S/],
  ['npm run quadlet -- FOLDER compose/durable.yaml', /\S/],
  ['npm run lint:compose', /\S/],
  ['BACKUP create --target /mnt/backups', /xnai-\S+\.tar\.zst/],
  ['npm run backup -- list --target /mnt/backups', /xnai-\S+\.tar\.zst .* documents of .* not encrypted/],
  ['BACKUP list --target /mnt/backups', /xnai-\S+\.tar\.zst/],
  ['BACKUP verify [NAME] --target … [--identity key.txt]', /\S/],
  ['BACKUP drill [NAME] --target … [--questions FILE]', /\S/],
  ['curl -s localhost:8080/v1/breakers -H "$A"', /"breakers":\[/],
  [
    `curl -s localhost:8080/v1/breakers/generate/isolate -H "$A" -H "$J" -d '{"reason": "new weights", "ttl_s": 600}'`,
    /"state":"isolated","generation":1,/,
  ],
  [
    `curl -s localhost:8080/v1/breakers/generate/reset -H "$A" -H "$J" -H 'If-Match: "1"' -d '{"reason": "they are there"}'`,
    /"state":"closed"/,
  ],
  [
    `curl -s localhost:8081/v1/breakers/rag-ingest/isolate -H "$A" -H "$J" -d '{"reason": "rag is moved"}'`,
    /"state":"isolated"/,
  ],
  ['curl -s localhost:8080/v1/breakers/orders -H "$A"', /"reason":"they are there"/],
]);
