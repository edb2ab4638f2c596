// Package placement says on which shard a market belongs, and which leader of a shard should go to another node. It is pure:
// the same Map gives the same answers everywhere and for ever, so nobody needs to be asked. Where a market is while shards
// come and go, only the shards know.
//
// Each shard has a number of points on a circle of 2⁶⁴ places. A market belongs to the first point at or behind its own
// place:
//
//	     ·2       ·1 = a point of shard 1
//	 ·1      ·3
//	·3         m  = a market, of shard 2: the next point clockwise
//	 ·2      ·2
//	     ·1
//
// A shard that is added takes the markets just before its points, from all others alike, and nothing else moves. A market
// that is an exception is listed: a hot one, on a shard of its own that has no points.
//
// The places are part of what exchanges have agreed on: to change how they are computed is to move all markets.
//
// A Map's bytes, all numbers little-endian:
//
//	version u8 = 1 │ epoch u64
//	shards u16 │ shards × (shard u16 │ points u16 │ founders u8 │ founders × (replica u64 │ length u8 │ address))  by shard
//	exceptions u32 │ exceptions × (market u32 │ shard u16)                                                        by market
package placement
