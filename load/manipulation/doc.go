// Package manipulation makes hours of trading in which some accounts manipulate, and says how well package watch finds them. It
// is all made at random from a seed, through the real state machine, so that fills, cancels and Seqs are what an exchange has. The
// markets may be on several shards: what happens is the same.
//
// The noise is meant to be hard. Market makers quote anew every few seconds and right after their fills, and dump what they hold
// on each other; traders come more at some hours than at others; some place large orders and think better of it; some always
// trade with the same counterparty, in one direction.
package manipulation
