// Package history records what clients of an exchange asked and were answered, and decides whether one exchange that
// does one thing after the other could have answered so (linearizability, decided by porcupine).
//
// A history is cut by subject: an account's cash, a market's book. What has no answer stays open: it may have happened at
// any time after it was asked, or never. Only what a client saw counts, and its own clock; nothing is believed of what
// the exchange says about itself.
//
// The rules here are those of docs/rules.md cut down to what the clients do, and written for obviousness.
package history
