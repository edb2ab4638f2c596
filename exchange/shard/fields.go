package shard

import "github.com/hustings/hustings/exchange/wire/codec"

// Fields of the records that only this package knows, for a snapshot.

func (x *extra) Fields(c *codec.Codec) {
	codec.U64(c, &x.expireAt)
	codec.U32(c, &x.timer)
	codec.U32(c, &x.group)
	codec.U32(c, &x.version)
	codec.U32(c, &x.next)
	codec.Flag(c, &x.doomed)
	if c.Version >= layoutGroups {
		codec.U32(c, &x.came)
	}
}

func (b *outcomeBook) Fields(c *codec.Codec) {
	b.Pool.Fields(c)
	codec.U32(c, &b.market)
	codec.U32(c, &b.positions)
	codec.U16(c, &b.last)
	codec.U8(c, &b.outcome)
}

func (g *group) Fields(c *codec.Codec) {
	codec.U32(c, &g.account)
	codec.U32(c, &g.limit)
	codec.U64(c, &g.window)
	codec.U64(c, &g.cancelBelow)
	codec.U64(c, &g.current)
	for i := range g.fills {
		codec.U64(c, &g.fills[i])
	}
	codec.Flag(c, &g.triggered)
	codec.Flag(c, &g.deleted)
	if c.Version < layoutGroups {
		if g.account != 0 {
			g.version = 1 // they were not counted yet
		}
		return
	}
	codec.Flag(c, &g.copied)
	codec.U32(c, &g.version)
	codec.U32(c, &g.cancelled)
	codec.U32(c, &g.cancels)
	codec.U32(c, &g.counted)
	codec.U64(c, &g.filled)
}

func (x *counted) Fields(c *codec.Codec) {
	codec.U16(c, &x.from)
	codec.U32(c, &x.version)
	codec.U64(c, &x.filled)
	codec.U32(c, &x.next)
}

func (i *identity) Fields(c *codec.Codec) {
	c.Text(&i.name)
	c.Text(&i.passwordHash)
}

func (k *credential) Fields(c *codec.Codec) {
	codec.Bytes32(c, &k.hash)
	c.Text(&k.label)
	codec.U64(c, &k.expireAt)
	codec.U32(c, &k.account)
	codec.U8(c, &k.permissions)
	attributes := k.tier != 0 || k.scheme != 0 || k.addresses != ""
	codec.Bits(c, &k.session, &attributes)
	codec.Flag(c, &k.revoked)
	if attributes { // not before GuardRules
		codec.U8(c, &k.tier)
		codec.U8(c, &k.scheme)
		c.Text(&k.addresses)
	}
}

func (n *neighbour) Fields(c *codec.Codec) {
	codec.U64(c, &n.sent)
	codec.U64(c, &n.released)
	codec.U64(c, &n.received)
	codec.U32(c, &n.oldest)
	codec.U32(c, &n.newest)
}

func (t *transit) Fields(c *codec.Codec) {
	codec.U64(c, &t.amount)
	codec.U32(c, &t.account)
	codec.U32(c, &t.next)
}

// scalars walks over everything that is not in a slab.
func (s *Shard) scalars(c *codec.Codec) {
	codec.U64(c, &s.now)
	codec.U64(c, &s.seq)
	codec.U64(c, &s.number)
	codec.U64(c, &s.drift)
	codec.U32(c, &s.rules)
	s.placement.fields(c)
	s.orders.Fields(c)
	codec.U32(c, &s.extras.free)
	s.ledger.Fields(c)
	codec.U32(c, &s.outbox.free)
	s.timers.Fields(c)
	s.keys.Fields(c)
	s.sweeps.fields(c)
	s.work.fields(c)
	s.fieldsSince(c)
}
