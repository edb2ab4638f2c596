package exchange

import "time"

// AccountID names a trader's account. On the home shard ids are dense from 1; 0 means nobody (the operator, where a command has an actor).
type AccountID uint32

// MarketID names a market. On a shard that is alone ids are dense from 1; 0 means none or, in a filter, all.
type MarketID uint32

// Outcome is the index of an outcome in its market, 0 to 63. A binary market has the one book 0, for Yes.
type Outcome uint8

// GroupID names an order group. Ids are dense from 1 over all accounts; 0 means no group.
type GroupID uint32

// CredentialID names an API key. Ids are dense from 1.
type CredentialID uint32

// Seq is the position of an event in its shard's journal, dense from 1.
type Seq uint64

// Time is log time: nanoseconds since the Unix epoch, stamped once by the sequencer. 0 means never or none.
type Time int64

// Std returns t as a time.Time in UTC.
func (t Time) Std() time.Time { return time.Unix(0, int64(t)).UTC() }

// OrderID names an order for ever. The high 40 bits count the orders of the shard, so a later order has a greater
// id; the low 24 bits are the slot that holds the order while it rests, so finding it is an index, not a search.
type OrderID uint64

// OrderSlotBits is the number of low bits of an OrderID that hold its slot.
const OrderSlotBits = 24

// MaxOpenOrders is the greatest number of orders that can rest on one shard.
const MaxOpenOrders = 1<<OrderSlotBits - 1

// NewOrderID joins an order's number (from 1) and its slot (1 to MaxOpenOrders).
func NewOrderID(number uint64, slot uint32) OrderID {
	return OrderID(number<<OrderSlotBits | uint64(slot))
}

// Slot returns the slot part of the id.
func (id OrderID) Slot() uint32 { return uint32(id & (1<<OrderSlotBits - 1)) }

// Number returns how many orders the shard had accepted when this one was, itself included.
func (id OrderID) Number() uint64 { return uint64(id >> OrderSlotBits) }

// Key is an idempotency key as the core sees it: 16 bytes that the gateway derives from the account and the
// client's own key or client order id. The zero Key means that the command carries none.
type Key [16]byte
