package merge

import (
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// route returns the shard that commands about a market go to. It is most often where the market belongs. One that nobody has
// heard of here is for home, where markets begin: that knows whether there is one, and where it went.
func (e *Exchange) route(market exchange.MarketID) exchange.ShardID {
	all := e.all()
	if len(all) == 1 {
		return exchange.HomeShard
	}
	if s := find(all, e.places().Of(market)); s != nil {
		if moving, holds := s.View.Holds(market); holds && moving.Stage == projection.StageHere {
			return s.ID
		}
	}
	if s, _ := holder(all, market); s != nil {
		return s.ID
	}
	return exchange.HomeShard
}

// of returns the read model that has a market: the source's until the destination has all of it. One that does not know the
// market is as good as another.
func (e *Exchange) of(market exchange.MarketID) View {
	all := e.all()
	if len(all) == 1 {
		return all[0].View
	}
	const attempts = 1000 // at a market that has left one read model and not reached another
	for n := 1; ; n++ {
		s, whole := holder(all, market)
		switch {
		case s == nil && (n == attempts || !left(all, market)):
			return all[0].View
		case s != nil && (whole || n == attempts):
			return s.View
		}
		time.Sleep(time.Millisecond)
	}
}

// left reports whether a market has left one of the shards.
func left(all []*Shard, market exchange.MarketID) bool {
	return slices.ContainsFunc(all, func(s *Shard) bool {
		moving, _ := s.View.Holds(market)
		return moving.Stage == projection.StageGone
	})
}

// look reads of a market, again if it went elsewhere between the choice of a read model and the end of the reading: what was read
// may then lack what had been dropped there.
func look[T any](e *Exchange, market exchange.MarketID, read func(View) T) T {
	for {
		v := e.of(market)
		x := read(v)
		if e.only() != nil || e.of(market) == v {
			return x
		}
	}
}

// lookFor is look for one thing.
func lookFor[T any](e *Exchange, market exchange.MarketID, read func(View) (T, bool)) (T, bool) {
	var ok bool
	x := look(e, market, func(v View) (x T) {
		x, ok = read(v)
		return x
	})
	return x, ok
}

// holder returns the shard that has a market by what the read models here have seen, nil if none has. It is whole unless it
// has come or gone in part everywhere: what they have seen is of different moments.
func holder(all []*Shard, market exchange.MarketID) (best *Shard, whole bool) {
	var newest uint64
	for _, s := range all {
		moving, holds := s.View.Holds(market)
		if !holds {
			continue
		}
		rank := uint64(moving.Move) << 2 // of two moves the later, of one move the destination that has everything
		switch moving.Stage {
		case projection.StageHere:
			rank |= 1<<40 | 2
		case projection.StageFrozen:
			rank |= 1<<40 | 1
		}
		if best == nil || rank > newest {
			best, newest = s, rank
		}
	}
	return best, newest>>40 != 0
}

// doubles calls do for each market of which a shard has something that is, or counts, on another.
func (e *Exchange) doubles(do func(*Shard, exchange.MarketID)) {
	all := e.all()
	if len(all) == 1 {
		return
	}
	for _, s := range all {
		for _, id := range s.View.UnderWay() {
			if best, _ := holder(all, id); best != s {
				do(s, id)
			}
		}
	}
}
