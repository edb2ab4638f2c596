// Package wal keeps the replicated log on disk: records in the order in which they were appended, in a sequence of segment
// files. Each says which shard it is of; a node has a log for each shard.
//
// What it promises
//
//   - A record is durable once Sync returned nil, whatever happens to the process or the power afterwards.
//   - Records come back in the order of Append, whole and unchanged. A batch, which is what was gathered for one Sync,
//     comes back whole or not at all, and never without the batches before it.
//   - What Scan returns after Open is durable, even if the process before died between write and sync.
//   - A batch that a crash tore was never acknowledged; Open cuts it off and reports it. Any other damage is
//     a *CorruptionError that names file and byte; nothing is changed, and nothing behind the damage is returned.
//     Every single flipped bit is found, except where the format provably keeps nothing.
//   - The first error of a write or a sync is final. It is never retried: after a failed sync the system may forget
//     what it could not write and report success the next time.
//
// Limits
//
//   - One goroutine appends, and there is one write and one sync at a time: a torn batch is recognised by being the
//     last. Who wants throughput gathers more records into a batch.
//   - A payload has less than 16 MiB, and no more than a segment holds. There are at most 2^32 segments.
//   - Only whole segments can be dropped, oldest first. Records cannot be changed or removed from the end.
//   - While a segment fills, disk space for one more is needed. If there is none, the log breaks when it needs it.
//   - The package knows nothing of consensus: it keeps no index and gives no meaning to types and shards.
//
// Assumptions
//
//   - A successful sync means that the data survive a power cut. A disk that lies about it can lose the last batch
//     unnoticed, as if it had been torn; if it loses anything before that, it is found.
//   - A sector of 512 bytes is written entirely or not at all, in any order among sectors, and writing it does not harm
//     others. Sectors that hold acknowledged records are never changed. (A sector of which only the first bytes were
//     written is recognised all the same.)
//   - The directory belongs to the log alone; Open locks it.
//
// # Files
//
// A segment is named after its number, 0000000001.wal, and has its full size, filled with zeros, from the beginning.
// Files that end in .tmp are not part of the log. All numbers are little-endian.
//
//	segment  ┌────────┬─────────┬─────────┬───┬─────────┬──────┬────────┐
//	         │ header │ batch   │ batch   │ … │ batch   │ seal │ zeros  │   each begins at a sector of 512 bytes
//	         └────────┴─────────┴─────────┴───┴─────────┴──────┴────────┘
//	batch    ┌────────┬──────────────────────────────────────────┬──────┐   content, 508 bytes to a sector,
//	         │ header │ records …                                │ zero │   each with 4 bytes of mark
//	         └────────┴──────────────────────────────────────────┴──────┘
//	record   ┌─────┬────────┬───────┬──────┬──────┬─────────────────────┐
//	         │ CRC │ length │ shard │ type │ zero │ payload             │
//	         └─────┴────────┴───────┴──────┴──────┴─────────────────────┘
//
// The header of a segment holds the hash of the one before. docs/formats/log.md has every byte, the rules of recovery
// and the history of versions.
package wal
