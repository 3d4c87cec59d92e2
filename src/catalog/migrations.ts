/**
 * The catalog's shape, step by step. A step that has been released is never edited: append another.
 * Times are milliseconds since 1970, sizes bytes; `subject` is a content id or a pixel id.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE collections (
    id TEXT PRIMARY KEY,
    root TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    importedAt INTEGER
  );

  CREATE TABLE assets (
    id TEXT NOT NULL UNIQUE,
    pixelId TEXT NOT NULL,
    kind TEXT NOT NULL,
    format TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    durationMs REAL,
    takenAt TEXT,
    camera TEXT,
    title TEXT,
    rating INTEGER,
    latitude REAL,
    longitude REAL,
    decodedBytes INTEGER NOT NULL,
    addedAt INTEGER NOT NULL
  );
  CREATE INDEX assetsByPixels ON assets (pixelId);
  CREATE INDEX assetsByTaken ON assets (coalesce(takenAt, ''));
  CREATE INDEX assetsByBytes ON assets (bytes);
  CREATE INDEX assetsByFormat ON assets (format);

  -- A file where it lies. state: done, failed, quarantined, ignored, pending; asset is null for what is no media.
  CREATE TABLE locations (
    id INTEGER PRIMARY KEY,
    collection TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    asset TEXT,
    bytes INTEGER NOT NULL,
    mtimeMs REAL NOT NULL,
    inode INTEGER NOT NULL,
    state TEXT NOT NULL,
    recipe TEXT NOT NULL,
    tasks INTEGER NOT NULL DEFAULT 0,
    failures TEXT,
    job INTEGER,
    missingAt INTEGER,
    UNIQUE (collection, folder, name)
  );
  CREATE INDEX locationsByAsset ON locations (asset);

  CREATE TABLE results (
    key TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    operation TEXT NOT NULL,
    version INTEGER NOT NULL,
    params TEXT NOT NULL,
    result TEXT NOT NULL,
    artifacts TEXT NOT NULL,
    durationMs REAL NOT NULL,
    madeAt INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX resultsBySubject ON results (subject, operation);

  -- What failed for good, until the content, the operation or the decoder changes (all three are in the key).
  CREATE TABLE failures (
    key TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    operation TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    quarantined INTEGER NOT NULL,
    engine TEXT NOT NULL,
    path TEXT NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    collection TEXT,
    params TEXT NOT NULL,
    owner TEXT,
    counts TEXT,
    error TEXT,
    createdAt INTEGER NOT NULL,
    finishedAt INTEGER
  );

  -- The ledger: how each task of a job ended.
  CREATE TABLE tasks (
    job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    location INTEGER NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    code TEXT,
    message TEXT,
    durationMs REAL,
    at INTEGER NOT NULL,
    PRIMARY KEY (job, location, step)
  ) WITHOUT ROWID;

  -- Written before a file is handed to a decoder, removed after: what stands here at a start was in flight when the server died.
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    worker INTEGER NOT NULL,
    owner TEXT NOT NULL,
    at INTEGER NOT NULL
  );

  -- Measured cost of an import per class of file, for the estimate of the time that is left.
  CREATE TABLE costs (
    class TEXT PRIMARY KEY,
    files REAL NOT NULL,
    msPerFile REAL NOT NULL,
    msPerMiB REAL NOT NULL
  ) WITHOUT ROWID;
  `,
]
