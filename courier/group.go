package courier

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// Group says what two shards have to tell each other of an order group: of home, how it is there and how much of it was filled
// on the other shard as far as home has heard; and the copy on that shard. At most one of them is to be told something. What is
// told may be lost or told again: it says how things are.
func Group(home projection.Group, counted uint64, from exchange.ShardID, at projection.Group) (down *exchange.SetGroup, up *exchange.CountGroup) {
	switch {
	case home.ID == 0 || at.ID != home.ID || at.Account != home.Account || home.Copy || !at.Copy || at.Version > home.Version:
		return nil, nil // home's newer version has not been seen yet, or is no more
	case at.Version < home.Version:
		return &exchange.SetGroup{GroupTerms: home.Terms()}, nil
	case home.State == projection.GroupDeleted:
		return nil, nil
	case at.Filled > counted || at.State == projection.GroupTriggered && home.State == projection.GroupActive:
		return nil, &exchange.CountGroup{From: from, Account: at.Account, Group: at.ID, Version: at.Version,
			Filled: min(at.Filled, exchange.MaxGroupFilled), Triggered: at.State == projection.GroupTriggered}
	}
	return nil, nil
}
