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
    addedAt INTEGER NOT NULL,
    -- How many locations it lies at now; kept by triggers.
    present INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX assetsByPixels ON assets (pixelId);
  -- One index for each order of each usual filter: a page reads its own rows only. The row number ends every one.
  CREATE INDEX presentByAdded ON assets (present > 0) WHERE present > 0;
  CREATE INDEX presentByTaken ON assets (coalesce(takenAt, '')) WHERE present > 0;
  CREATE INDEX presentByBytes ON assets (bytes) WHERE present > 0;
  CREATE INDEX presentByKind ON assets (kind) WHERE present > 0;
  CREATE INDEX presentByKindTaken ON assets (kind, coalesce(takenAt, '')) WHERE present > 0;
  CREATE INDEX presentByKindBytes ON assets (kind, bytes) WHERE present > 0;
  CREATE INDEX presentByFormat ON assets (format) WHERE present > 0;
  CREATE INDEX presentByFormatTaken ON assets (format, coalesce(takenAt, '')) WHERE present > 0;
  CREATE INDEX presentByFormatBytes ON assets (format, bytes) WHERE present > 0;

  -- A file where it lies. state: done, failed, quarantined, ignored, pending; asset is null for what is no media.
  -- An id is never given twice, or an old job would name files of another collection. Inodes can exceed 2^53.
  CREATE TABLE locations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    asset TEXT,
    bytes INTEGER NOT NULL,
    mtimeMs REAL NOT NULL,
    inode REAL NOT NULL,
    state TEXT NOT NULL,
    recipe TEXT NOT NULL,
    tasks INTEGER NOT NULL DEFAULT 0,
    failures TEXT,
    job INTEGER,
    missingAt INTEGER,
    UNIQUE (collection, folder, name)
  );
  CREATE INDEX locationsByAsset ON locations (asset);
  CREATE INDEX locationsPresent ON locations (collection, asset, bytes) WHERE missingAt IS NULL AND asset IS NOT NULL;
  CREATE INDEX locationsFailed ON locations (collection) WHERE missingAt IS NULL AND state IN ('failed', 'quarantined');

  CREATE TRIGGER locationAdded AFTER INSERT ON locations WHEN NEW.missingAt IS NULL BEGIN
    UPDATE assets SET present = present + 1 WHERE id = NEW.asset;
  END;
  CREATE TRIGGER locationRemoved AFTER DELETE ON locations WHEN OLD.missingAt IS NULL BEGIN
    UPDATE assets SET present = present - 1 WHERE id = OLD.asset;
  END;
  CREATE TRIGGER locationChanged AFTER UPDATE OF asset, missingAt ON locations
  WHEN (OLD.asset, OLD.missingAt IS NULL) IS NOT (NEW.asset, NEW.missingAt IS NULL) BEGIN
    UPDATE assets SET present = present - 1 WHERE id = OLD.asset AND OLD.missingAt IS NULL;
    UPDATE assets SET present = present + 1 WHERE id = NEW.asset AND NEW.missingAt IS NULL;
  END;
  CREATE TRIGGER assetAdded AFTER INSERT ON assets WHEN EXISTS (SELECT 1 FROM locations WHERE asset = NEW.id) BEGIN
    UPDATE assets SET present = (SELECT count(*) FROM locations WHERE asset = NEW.id AND missingAt IS NULL)
    WHERE id = NEW.id;
  END;

  -- One row: how many assets lie somewhere.
  CREATE TABLE totals (presentAssets INTEGER NOT NULL);
  INSERT INTO totals VALUES (0);
  CREATE TRIGGER assetPresence AFTER UPDATE OF present ON assets WHEN (OLD.present > 0) <> (NEW.present > 0) BEGIN
    UPDATE totals SET presentAssets = presentAssets + (NEW.present > 0) - (OLD.present > 0);
  END;

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

  -- Which results refer to an artifact: its file is kept for as long as one does.
  CREATE TABLE artifactRefs (
    artifact TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (artifact, key)
  ) WITHOUT ROWID;

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
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    collection TEXT REFERENCES collections (id) ON DELETE CASCADE,
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
  `
  -- Size and time of the XMP files beside a file: a change makes it due again.
  ALTER TABLE locations ADD COLUMN sidecar TEXT;

  -- What the photo and the film of a Live Photo have in common.
  ALTER TABLE assets ADD COLUMN pairId TEXT;
  CREATE INDEX assetsByPair ON assets (pairId) WHERE pairId IS NOT NULL;

  -- What a job on a whole collection answered: JSON with result and artifacts.
  ALTER TABLE jobs ADD COLUMN result TEXT;

  -- Assets that look alike and that somebody declared to be no duplicates; a is the smaller id.
  CREATE TABLE distinctPairs (
    a TEXT NOT NULL,
    b TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (a, b)
  ) WITHOUT ROWID;
  `,
  `
  -- Of pictures that move, which the next import looks at again.
  ALTER TABLE assets ADD COLUMN frames INTEGER;
  UPDATE locations SET recipe = '' WHERE asset IN (
    SELECT id FROM assets WHERE kind = 'picture' AND durationMs IS NOT NULL
  );

  -- A file that nobody touched since is not hashed again.
  ALTER TABLE locations ADD COLUMN ctimeMs REAL;
  `,
  `
  -- When a film begins on its own clock: with it and its length a frame is found without a look at its streams. The next import
  -- opens films again to find out.
  ALTER TABLE assets ADD COLUMN originMs REAL;
  UPDATE locations SET recipe = '' WHERE asset IN (SELECT id FROM assets WHERE kind = 'film');
  `,
]
