// Package merge makes one exchange of several shards, for a gateway: it sends each command to the shard that it is for, and
// answers reads from the read models of all. A trader has one balance and one buying power: an order whose shard lacks
// cash is sent again once cash has come there from elsewhere, and a withdrawal gathers cash at home first.
//
// What belongs to a market is on its shard. Where a market belongs, package placement says; where it is while it moves, the
// shards say, and a command that meets one on its way is sent again. What belongs to an account alone (its name,
// credentials, deposits, withdrawals, order groups) is at home, where markets begin too; what holds for all of its orders (mass cancels, the
// dead-man's switch, limits, the halt of the exchange) goes to every shard.
//
// The Seq of an answer names the shard too. Those of the home shard are as they would be without any other:
//
//	 63       48 47                                 0
//	+-----------+-----------------------------------+
//	| shard − 1 | Seq in the journal of the shard   |
//	+-----------+-----------------------------------+
//
// The package keeps nothing: whatever it forgets, the shards know. Shards may be added at any time. While there is only the
// home shard everything goes straight through to it.
package merge
