package idempotency

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// A Chain finds the entries of one market, newest first. To keep one costs the table no cache line beyond those it touches
// anyway: an entry knows the one before it, and nobody tells it when that is forgotten. As entries are forgotten oldest
// first, whoever comes to one that is gone, or whose slot was used again, has seen all there are.
type Chain struct {
	newest uint32
	length uint16 // entries that were ever linked, modulo 65,536
}

// Fields walks over the chain for a snapshot.
func (c *Chain) Fields(to *codec.Codec) {
	codec.U32(to, &c.newest)
	codec.U16(to, &c.length)
}

// Link makes the entry that was added last the newest of a market. Its log time is not before that of the market's others.
func (t *Table) Link(c *Chain, market exchange.MarketID, e *Entry) {
	c.length++
	e.Market, e.older, e.place = market, c.newest, c.length
	c.newest = t.last
}

// Newest returns a market's newest entry, or nil.
func (t *Table) Newest(c *Chain, market exchange.MarketID) *Entry {
	if c.newest == 0 {
		return nil
	}
	if e := t.Entries.At(c.newest); e.Market == market && e.place == c.length {
		return e
	}
	return nil
}

// Older returns the entry of the same market that came before e, or nil.
func (t *Table) Older(e *Entry) *Entry {
	if e.older == 0 {
		return nil
	}
	// A slot that was used again has an entry of another market, a later time, or, should all that happen within one batch, a
	// place farther on.
	if o := t.Entries.At(e.older); o.Market == e.Market && o.Time <= e.Time && o.place == e.place-1 {
		return o
	}
	return nil
}

// DropNewest forgets up to most entries of a market and reports whether there are no more.
func (t *Table) DropNewest(c *Chain, market exchange.MarketID, most int) bool {
	for ; most > 0; most-- {
		e := t.Newest(c, market)
		if e == nil {
			break
		}
		older := e.older
		if t.Older(e) == nil {
			older = 0
		}
		t.drop(c.newest, e)
		c.newest, c.length = older, c.length-1
	}
	return t.Newest(c, market) == nil
}
