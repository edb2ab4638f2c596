// Package workload makes, reads and writes streams of orders and cancels that look like a prediction market: most
// orders rest near a drifting price, many are cancelled, some cross. The same file drives a book alone, the whole
// core and other people's books, so that figures can be compared. It knows nothing of accounts, money or the exchange.
//
// A file is a head and one record per command, all numbers little-endian:
//
//	 0              4              8
//	+--------------+--------------+----------------------------------------
//	| prefill u32  | timed u32    | prefill + timed records of 12 bytes
//	+--------------+--------------+----------------------------------------
//
//	 0        4          8      10     11     12
//	+--------+----------+------+------+------+
//	| id u32 | quantity | tick | kind | side |
//	|        | u32      | u16  | u8   | u8   |
//	+--------+----------+------+------+------+
//
// Ids are dense from 1 over new and aggressive orders. A cancel carries its target's id, tick and side, and quantity 0.
// Every order is a limit order, good till cancelled: it trades at the resting price in price-time priority, and what
// is left of it rests.
package workload

import "github.com/hustings/hustings/load/naive"

// Kind says what a record does.
type Kind uint8

// Kinds of record.
const (
	New        Kind = iota // an order near the price
	Cancel                 // of a resting order
	Aggressive             // an order priced to trade at once
)

// Sides of an order.
const (
	Buy  = naive.Buy
	Sell = naive.Sell
)

// MaxTick is the greatest price. The least is 1.
const MaxTick = naive.MaxTick

// Record is one command.
type Record struct {
	ID       uint32
	Quantity uint32
	Tick     uint16
	Kind     Kind
	Side     uint8
}

// Stream is a list of commands, of which the first Prefill are not to be timed.
type Stream struct {
	Prefill int
	Records []Record
}

// Timed is how many commands follow the prefill.
func (s *Stream) Timed() int { return len(s.Records) - s.Prefill }

// Orders is how many orders the stream places: ids run from 1 to it.
func (s *Stream) Orders() int {
	n := 0
	for i := range s.Records {
		if s.Records[i].Kind != Cancel {
			n++
		}
	}
	return n
}
