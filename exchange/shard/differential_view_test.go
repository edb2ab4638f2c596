package shard_test

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/projection"
)

// compareView compares the model with what the shard holds inside, which need not be what its events said.
func (h *harness) compareView() error {
	view, err := h.shard.shard.View()
	if err != nil {
		return fmt.Errorf("viewing the shard: %w", err)
	}
	m := modelVenue{h.model}
	want := m.state()
	got := viewed(view, want)
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("states differ inside the shard:\n%s", firstDifference(reflect.ValueOf(want), reflect.ValueOf(got), "state"))
	}
	return nil
}

// viewed brings a View into the form of a state. It asks for what is in like, takes over what a View does not have, and
// shows positions and orders that like does not have.
func viewed(v *projection.View, like state) state {
	totals := v.Totals()
	s := state{World: totals.World, House: totals.HouseFees, Orders: like.Orders, Rules: uint32(v.Rules()),
		Received: totals.Received, Released: totals.Released, Outbox: v.Outbox(), MovedIn: totals.MovedIn, MovedOut: totals.MovedOut}
	version, placement := v.Placement()
	s.Placement, s.PlacementVersion, s.Halted = string(placement), version, v.Halted()
	s.Approvals, s.Proposed = v.Approvals(), like.Proposed
	for _, p := range v.Proposals() {
		s.Proposals = append(s.Proposals, proposalState{p.ID, p.Account, p.Credential, p.LapseAt, string(p.Act)})
	}
	for i := range like.Accounts {
		a, ok := v.Account(exchange.AccountID(i + 1))
		s.Accounts = append(s.Accounts, accountState{Exists: ok, Cash: a.Cash, Holds: a.Held, Receivable: a.Receivable, Version: a.Version,
			MaxOpenOrders: a.MaxOpenOrders, OpenOrders: int(a.OpenOrders), Blocked: a.Blocked, Tier: a.Tier, Deadline: a.DeadMan})
	}
	s.Groups = viewedGroups(v, like)
	for i, m := range like.Markets {
		s.Markets = append(s.Markets, viewedMarket(v, exchange.MarketID(i+1), m))
	}
	return s
}

func viewedGroups(v *projection.View, like state) (all []groupState) {
	for i := range like.Groups {
		id := exchange.GroupID(i + 1)
		g, _ := v.Group(id)
		s := groupState{Account: g.Account, Limit: g.Limit, Window: g.Window, Triggered: g.State != projection.GroupActive,
			Deleted: g.State == projection.GroupDeleted, Copy: g.Copy, Version: g.Version, Cancelled: g.Cancelled, Filled: int64(g.Filled)}
		for from := range s.Counted {
			s.Counted[from] = int64(v.GroupCounted(id, exchange.ShardID(from)))
		}
		all = append(all, s)
	}
	return all
}

func viewedMarket(v *projection.View, id exchange.MarketID, like marketState) marketState {
	m, _ := v.Market(id)
	s := marketState{State: m.State, Version: m.Version, Question: m.Spec.Question, Rules: m.Spec.Rules, CloseAt: m.Spec.CloseAt,
		Escrow: m.Escrow, Fees: m.Fees, PayAfter: m.PayAfter}
	moving := v.Moving(id)
	s.Move = moveState{model.Stage(moving.Stage), moving.With, moving.Move, moving.Part}
	for i, b := range m.Books {
		o := exchange.Outcome(i)
		if like.Values != nil {
			s.Values = append(s.Values, b.Value)
		}
		s.Books = append(s.Books, bookState{Last: b.Last, Bids: viewedOrders(v.Orders(id, o, exchange.Buy)),
			Asks: viewedOrders(v.Orders(id, o, exchange.Sell)), Positions: viewedPositions(v, id, o, like.Books[i].Positions)})
	}
	return s
}

func viewedOrders(orders []projection.Order) []orderState {
	var all []orderState
	for _, o := range orders {
		all = append(all, orderState{Number: o.ID.Number(), Account: o.Account, Price: o.Price, Quantity: int64(o.Quantity),
			Filled: int64(o.Filled), Open: int64(o.Remaining), Closing: int64(o.Closing), Hold: o.Hold, Version: o.Version,
			ExpireAt: o.ExpireAt, Group: o.Group, Flags: o.Flags, SelfTrade: o.SelfTrade})
	}
	return all
}

func viewedPositions(v *projection.View, id exchange.MarketID, o exchange.Outcome, like []positionState) []positionState {
	var all []positionState
	add := func(p projection.Position) {
		all = append(all, positionState{p.Account, int64(p.Yes), int64(p.No), int64(p.ReservedYes), int64(p.ReservedNo), p.Paid})
	}
	for _, p := range like {
		found, _ := v.Position(p.Account, id, o)
		add(found)
	}
	for _, p := range v.Holders(id) {
		if p.Outcome == o && !slices.ContainsFunc(like, func(l positionState) bool { return l.Account == p.Account }) {
			add(p)
		}
	}
	return all
}
