// Package merge makes one exchange of several shards, for a gateway: it sends each command to the shard that it is for, and
// answers reads from the read models of all. A trader has one balance and one buying power: an order whose shard lacks
// cash is sent again once cash has come there from elsewhere, and a withdrawal gathers cash at home first.
//
// What belongs to a market is on its shard, as package placement says. What belongs to an account alone (its name,
// credentials, deposits, withdrawals, order groups) is at home; what holds for all of its orders (mass cancels, the
// dead-man's switch, limits) goes to every shard.
//
// The Seq of an answer names the shard too. Those of the home shard are as they would be without any other:
//
//	 63       48 47                                 0
//	+-----------+-----------------------------------+
//	| shard − 1 | Seq in the journal of the shard   |
//	+-----------+-----------------------------------+
//
// The package keeps nothing: whatever it forgets, the shards know.
package merge
