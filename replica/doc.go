// Package replica runs one replica of a shard: it orders commands through the replicated log, keeps the log on disk,
// applies it to the state machine and publishes the events.
//
//	Submit ─▶ queue ─▶ raft loop ──append──▶ persister ─▶ wal (one write, one fsync for all that waits)
//	other     ───────▶  ▲   │                   │
//	replicas  ◀─────────┼───┤                   │
//	                    └───┼────── done ───────┘
//	                        └──apply──▶ applier ─▶ shard.Apply ─▶ replies
//	                                       │
//	                                       └─▶ publisher ─▶ journal, read model
//
// Each box is one goroutine. The consensus library decides what is written, applied and sent, and in which order; it
// does no I/O. One machine is a group of one voter on the same path.
//
// Other replicas of the group are reached by a Transport. A follower whose leader is silent stands for election in its turn
// (election.go), a fresh read asks a quorum (reads.go), members change one at a time through the log (membership.go), and
// whoever lacks entries that nobody has any more gets a snapshot (fetch.go). Replicas compare what they hash to, and one
// that differs from most stops (agreement.go).
//
// A command is answered when its log entry is durable on a quorum and applied. Whatever waits when the loop comes round
// goes into one entry, so batches grow with the load and a lone command waits for nobody. Cancels have a queue of
// their own, which is emptied first.
//
// Files of a replica, in its directory:
//
//	wal/        the replicated log (package wal)
//	journal/    the events (package journal)
//	snapshots/  states of the shard (docs/formats/snapshot.md), the two newest
//	archive/    segments of the log that neither of them needs
//
// An error of the log's disk is final: the replica stops, and nothing is acknowledged any more.
package replica
