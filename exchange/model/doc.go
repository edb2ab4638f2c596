// Package model is the exchange written a second time, for obviousness instead of speed: it is what the fast engine
// is compared with, command by command. It follows docs/rules.md literally, keeps its orders in sorted slices, works
// out fees as fractions, and tries an order that might be refused half-way on a copy of everything.
//
// It shares no code with the fast engine beyond the words of package exchange, so that a rule which was
// misunderstood shows up as a difference instead of being misunderstood twice. It must never be made faster at the
// price of a line that needs explaining.
//
// What the exchange works off in bounded steps (removing doomed and expired orders, payouts, refunds) the model does
// in one go when it is told to Drain. Until then a doomed order stands in its book with its hold, and cannot trade. To
// compare it in the middle of such work it can also Step through it behind another engine, which says what it did.
//
// A broken invariant is a panic or an error from Check: the model is wrong then, and nothing can be compared with it.
package model
