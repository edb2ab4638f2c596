// Package rebalance measures what it costs those who trade when shards are added and markets move to them: how long a market
// stands still, how many move, and whether everything is as it was.
//
// In every market a few accounts, the holders, trade with each other once and leave orders far from the middle. Then a load
// goes on all the time around the middle, from clients of every node, and shards are added. What holders have must be
// afterwards what it was before: every order with its version and what is left of it, every position, all cash. What the
// load was acknowledged must be in the journals, once. In the end somebody takes all that rests in some of the markets, and the
// journals say in which order it traded: by price, then by age.
//
// A market stands still from the log time at which it was frozen to that at which its last part was adopted, as the
// journals of the two shards have it.
package rebalance
