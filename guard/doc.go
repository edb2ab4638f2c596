// Package guard decides whom an exchange lets in and how fast: token buckets for accounts, API keys and addresses, a
// penalty box for whoever keeps knocking while refused, rates that shrink with the load, and how many connections an
// address may have. It knows nothing of HTTP, reads no clock and starts no goroutine: whoever asks says when it is.
//
// # Buckets
//
// A bucket is one number, the instant at which it is full again (the theoretical arrival time of the generic cell rate
// algorithm, ITU-T I.371). A token costs time: at 5 orders a second one takes 200 ms, and a bucket with room for 10 holds
// 2 s. A caller of a faster tier pays less time for a token, so one bucket serves callers of several tiers.
//
// Under load the clock of a tier goes slower than the real one, and so do all of its buckets fill: nobody's bucket has to be
// touched when the load changes, and what somebody could spend before, he still can. The bucket of cancels goes by the real
// clock.
//
// # Memory
//
// Buckets live in tables of fixed size, in sets of eight like a processor's cache. Who comes new to a full set takes the
// place of whoever was quiet for longest and is not in the penalty box: in almost all cases that one's bucket is full by
// then, and forgetting it changes nothing.
package guard
