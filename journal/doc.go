// Package journal keeps the events of one shard: what happened, in order, for ever. The state machine derives the
// same events from the replicated log on every replica, so the journal can always be written again, writing it never
// delays an answer, and the files are the same bytes everywhere. Everything downstream reads it and nothing else.
//
//	Append ──▶ tail in memory ──▶ active segment ──▶ sealed segments with their indexes
//	                │                   │                  │
//	                └── Cursor, History, FirstAt, LastAt, Compare, Prove
//
// An event is bytes to this package: a little-endian u16 with the length of the whole, a kind, a schema version, and
// what only others understand. All events of one log entry are a record, which is written whole or not at all; an
// entry without events has none. Events are counted by Seq, dense from 1.
//
// Records lie in segments. A record holds the chain hash of the one before it and its own, so no byte can change
// alone. A segment ends before the record that would make it too large, never by a clock; it is then sealed: synced,
// indexed (see journal/index) and renamed from 00000000000000000001.journal to
// 00000000000000000001-00000000000000048211.journal. Besides the chain there is a hash tree (see journal/merkle)
// whose signed heads, in the file "checkpoints", bind the owner of the journal too. docs/formats/journal.md draws all
// of it.
//
// After a crash the journal may end earlier than it did, at any record, but not before what Sync covered. Open cuts
// what is torn, and the owner appends again, from its log, what is missing after Last. Damage to anything that Sync
// covered is a Corruption.
//
// The package does not know the log, the state machine or what an event means, and does not lock its directory.
package journal
