// Package projection folds the events of one shard into what can be read of it: accounts, orders, positions, books
// and markets. It knows nothing of commands. A View serves the reads of a running exchange, and as it believes no
// event that contradicts the ones before, it is also the auditor: fold(journal) must be the state of the shard.
//
// One goroutine calls Apply; any number read at the same time. The package starts no goroutine, reads no clock and
// does no I/O.
//
// # What is kept
//
// Records lie in pages that never move, found by their dense id (accounts, markets, groups, credentials) or by the
// slot in an order's id. They refer to each other by 32-bit numbers, not by pointers, so that millions of them cost
// the garbage collector next to nothing:
//
//	account ── newest ▸ order ◂▸ order ◂▸ order         in order of their ids
//	   │
//	   └─ positions ▸ position ◂▸ position              one for each book the account ever traded in
//	                     │
//	market ── positions ▸┴▸ position …
//	   │
//	   └─ book (one per outcome) ── ladder (one per side) ── level ── order ◂▸ order   in order of priority
//
// What the shard itself knows is its logical state, and is what Check, Equal and Diff are about. Beside it a View
// keeps statistics for display, which no decision depends on: volumes, trade counts, past prices, the cost of
// positions, the times at which orders were placed.
//
// History is not kept. Past trades, ledgers and settlements are read from the journal; Keys says which accounts and
// market an event belongs to, and Fills, LedgerEntries and their like turn events into rows.
package projection
