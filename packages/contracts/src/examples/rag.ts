const text = '# Tides\n\nHigh tide is at six in the evening.';
const quote = 'High tide is at six in the evening.';
const updated_at = '2027-01-15T09:30:00.000Z';
const content_hash = '5d1f0c8e6f8f3ad1d6a1b2f2bb0b2a3de53a7d2a9f3c1f6d1a0f6c7b8e9d0a1b';
const url = 'https://harbour.example/tides';

const collection = {
  name: 'harbour',
  documents: 1,
  chunks: 1,
  bytes: 44,
  updated_at,
  embedding_model: 'bge-small-en-v1.5-q8_0',
  embedding_dimensions: 384,
  embedded_chunks: 1,
  divided_chunks: 0,
  quarantined_chunks: 0,
};

const summary = {
  id: 'tides',
  collection: 'harbour',
  title: 'Tides',
  url,
  content_type: 'text/markdown',
  content_hash,
  bytes: 44,
  metadata: { season: 'winter' },
  updated_at,
};

const result = { id: 'tides', collection: 'harbour', status: 'indexed', chunks: 1, content_hash };
const span = { start: 9, end: 44 };
const found = { document_id: 'tides', chunk_id: 'tides#0', url, title: 'Tides', heading: ['Tides'] };
const retrieval = { mode: 'lexical', legs: { lexical: { took_ms: 1.7 } }, reranked: false, took_ms: 2.1 };
const address = { id: 'tides', url, document_id: 'tides', content_hash, metadata: {}, updated_at };

export const CITATION = { index: 1, ...found, quote, ...span, score: 7.4, verified: true };

const act = {
  seq: 412,
  at: updated_at,
  writer: 'rag',
  what: 'document.delete',
  by: 'first a182140491ae',
  from: '10.89.0.7',
  request: 'b2f6c1f0a4e84a0f',
  of: { collection: 'harbour', id: 'tides' },
  prev: '3f1a9f0a5d0a4f86a7d1f6f0ad0c3a5b1f8f3ad1d6a1b2f2bb0b2a3de53a7d2a',
  hash: 'b4f9c2e7706d5e1fcd27c9a8f6f7fd0c8f0a3a8b13b9e0b5b6d2c1e7f4a9d8c3',
};

/** What rag takes and answers on its own routes. */
export const RAG_EXAMPLES = {
  Collection: collection,
  CollectionList: { collections: [collection], next_cursor: null },
  DocumentInput: {
    content: text,
    content_type: 'text/markdown',
    title: 'Tides',
    url,
    metadata: { season: 'winter' },
  },
  IngestResult: result,
  UploadResult: { files: [{ ...result, file_name: 'tides.md' }] },
  DocumentList: { documents: [{ ...summary, chunks: 1 }], next_cursor: null },
  Document: {
    ...summary,
    text,
    inline: 'markdown',
    aliases: [],
    alias_count: 0,
    blocks: [
      { kind: 'heading', start: 0, end: 7, bodyStart: 2, bodyEnd: 7, section: -1, parent: -1, level: 1 },
      { kind: 'paragraph', ...span, bodyStart: 9, bodyEnd: 44, section: 0, parent: -1 },
    ],
    tables: [],
    anchors: { tides: 0 },
    losses: [],
    chunks: [{ chunk_id: 'tides#0', heading: ['Tides'], text: quote, ...span }],
  },
  AddressList: { addresses: [address], next_cursor: null },
  AddressWithLinks: { ...address, links: ['https://harbour.example/'] },
  AuditActList: { acts: [act], next_cursor: null },
  SearchRequest: { query: 'high tide', collection: 'harbour', top_k: 5 },
  SearchResponse: {
    results: [{ rank: 1, score: 7.4, ...found, text: quote, ...span, metadata: { season: 'winter' } }],
    retrieval,
    degraded: [],
  },
  QueryRequest: { query: 'When is high tide?', collection: 'harbour' },
  QueryResponse: {
    answer: `${quote} [1]`,
    mode: 'extractive',
    citations: [CITATION],
    retrieval,
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    timings: { retrieval_ms: 2.1, answer_ms: 1.4, total_ms: 3.6 },
    degraded: [],
  },
};
