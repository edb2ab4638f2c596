package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// queue is what waits for steps, first in, first out.
type queue[T exchange.AccountID | exchange.MarketID] struct {
	items []T
	head  int // items before it are done
}

func (q *queue[T]) len() int { return len(q.items) - q.head }

func (q *queue[T]) push(id T) { q.items = append(q.items, id) }

// first returns the id that has waited longest; there must be one.
func (q *queue[T]) first() T { return q.items[q.head] }

// pop takes the first id out. Moving the rest down waits until it is as short as what is done.
func (q *queue[T]) pop() {
	q.head++
	if 2*q.head >= len(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
}

// fields walks over the ids that wait, for a snapshot.
func (q *queue[T]) fields(c *codec.Codec) {
	n := uint32(q.len())
	codec.U32(c, &n)
	if c.Reading() {
		*q = queue[T]{}
		for ; n > 0 && c.OK(); n-- {
			var id T
			codec.U32(c, &id)
			q.push(id)
		}
		return
	}
	for i := q.head; i < len(q.items); i++ {
		codec.U32(c, &q.items[i])
	}
}
