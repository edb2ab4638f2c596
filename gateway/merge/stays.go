package merge

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
)

// stay is a gateway.Stay, on which shard it was, and after which of the market's moves, from where.
type stay struct {
	gateway.Stay
	shard, from exchange.ShardID // from 0: it began there, as far as is known
	move        uint32
}

// Of implements gateway.History.
func (h *History) Of(market exchange.MarketID) (stays []gateway.Stay) {
	all := h.e.all()
	if len(all) == 1 {
		return all[0].History.Of(market)
	}
	var found []stay
	for _, s := range all {
		found = append(found, staysOn(s, market)...)
	}
	for _, s := range all {
		left := slices.ContainsFunc(found, func(o stay) bool { return o.from == s.ID })
		known := slices.ContainsFunc(found, func(o stay) bool { return o.shard == s.ID })
		if left && !known { // where it came from is seen to have let it go later than where it went is to have it
			found = append(found, wholeStay(s, market))
		}
	}
	if len(found) == 0 { // it has never moved
		best, _ := holder(all, market)
		if best == nil {
			best = all[0]
		}
		found = []stay{wholeStay(best, market)}
	}
	slices.SortFunc(found, func(a, b stay) int { return cmp.Compare(b.move, a.move) })
	for _, s := range found {
		stays = append(stays, s.Stay)
	}
	return stays
}

// wholeStay is all that there is of a shard.
func wholeStay(s *Shard, market exchange.MarketID) stay {
	own := s.History.Of(market)[0]
	return stay{shard: s.ID, Stay: gateway.Stay{History: oneShard{own.History, s.ID}, Begin: JoinSeq(s.ID, 0), End: JoinSeq(s.ID, own.End)}}
}

// staysOn returns the stays on a shard of a market that has moved, oldest first, by what the shard's journal says of the moves. What
// cannot be read there is as if it had not been: whoever reads on from there finds out what is wrong.
func staysOn(s *Shard, market exchange.MarketID) (all []stay) {
	whole := wholeStay(s, market)
	here := func() *stay { // where the market is at an event about moves, from the first of which on it was here or was not
		if len(all) == 0 {
			all = append(all, whole)
		}
		return &all[len(all)-1]
	}
	var events wire.Decoder
	_ = s.History.Oldest(projection.MovesKey(market), 0, 0, func(seq exchange.Seq, _ exchange.Time, frame []byte) bool {
		e, err := events.Event(frame)
		if err != nil {
			return false
		}
		switch e := e.(type) {
		case *exchange.MarketFrozen:
			here().End = JoinSeq(s.ID, seq) + 1
		case *exchange.MarketThawed:
			here().End = whole.End
		case *exchange.MarketPartAdopted:
			if e.Last {
				come := whole
				come.Begin, come.from, come.move = JoinSeq(s.ID, seq), e.From, e.Move
				all = append(all, come)
			}
		}
		return true
	})
	return all
}
