// Package audit examines the files of a shard that does not run: it checks them against each other, replays the log
// through the state machine of this program, and tells what a market was like at a past instant.
//
//	log ──▶ state machine ──▶ events ──┐ equal?
//	             │                     │
//	             │          journal ◀──┘ ──▶ fold (package projection) ──▶ invariants
//	             │                            │
//	             └──▶ equal? ◀── snapshots ──▶ equal?
//
// Log, journal and snapshots are three accounts of the same history, each with checksums of its own. Who changes one of
// them and mends its checksums is found by the others; who changes all of them, by a checkpoint that was signed before.
//
// Nothing here changes a file, but for the holder's number in the directory's lock. The package does no repairs, and
// knows nothing of the API or of terminals.
package audit
