package shard_test

import (
	"maps"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
)

// state is everything that an exchange holds, in a form that does not depend on how it keeps it.
type state struct {
	World, House     exchange.Money
	Orders           uint64 // accepted so far
	Rules            uint32
	Halted           bool
	Approvals        exchange.Approvals
	Proposed         exchange.ProposalID
	Proposals        []proposalState
	Placement        string
	PlacementVersion uint64
	Received         exchange.Money
	Released         exchange.Money
	Outbox           []exchange.Transfer
	MovedIn          exchange.Money
	MovedOut         exchange.Money
	Accounts         []accountState
	Groups           []groupState
	Markets          []marketState
}

type proposalState struct {
	ID         exchange.ProposalID
	Account    exchange.AccountID
	Credential exchange.CredentialID
	LapseAt    exchange.Time
	Act        string // frame
}

type accountState struct {
	Exists                  bool
	Cash, Holds, Receivable exchange.Money
	Version, MaxOpenOrders  uint32
	OpenOrders              int
	Blocked                 bool
	Tier                    exchange.Tier
	Deadline                exchange.Time
}

type marketState struct {
	State           exchange.MarketState
	Version         uint32
	Question, Rules string
	CloseAt         exchange.Time
	Escrow, Fees    exchange.Money
	Values          []exchange.Price
	PayAfter        exchange.Time
	Books           []bookState
	Move            moveState
}

// moveState is where a market is on its way between shards.
type moveState struct {
	Stage  model.Stage
	With   exchange.ShardID
	Number uint32
	Part   uint32
}

type bookState struct {
	Last       exchange.Price
	Bids, Asks []orderState // best first
	Positions  []positionState
}

type orderState struct {
	Number                          uint64
	Account                         exchange.AccountID
	Price                           exchange.Price
	Quantity, Filled, Open, Closing int64
	Hold                            exchange.Money
	Version                         uint32
	ExpireAt                        exchange.Time
	Group                           exchange.GroupID
	Flags                           exchange.OrderFlags
	SelfTrade                       exchange.SelfTrade
}

type positionState struct {
	Account                          exchange.AccountID
	Yes, No, ReservedYes, ReservedNo int64
	Paid                             exchange.Money
}

func (v *modelVenue) state() state {
	e := v.engine
	s := state{World: e.World, House: e.House, Orders: e.Orders, Rules: e.Rules, Halted: e.Halted, Placement: string(e.Placement),
		PlacementVersion: e.PlacementVersion, Received: e.Received, Released: e.Released,
		Outbox: e.Outbox(), MovedIn: e.MovedIn, MovedOut: e.MovedOut}
	s.Approvals, s.Proposed = e.Approvals, e.Proposed
	for _, p := range e.Proposals {
		s.Proposals = append(s.Proposals, proposalState{p.ID, p.Account, p.Credential, p.LapseAt, string(frameOf(p.Act))})
	}
	for _, a := range e.Accounts {
		s.Accounts = append(s.Accounts, accountState{Exists: !a.Absent, Cash: a.Cash, Receivable: a.Receivable, Version: a.Version,
			MaxOpenOrders: a.MaxOpenOrders, Blocked: a.Blocked, Tier: a.Tier, Deadline: a.Deadline})
	}
	for _, g := range e.Groups {
		s.Groups = append(s.Groups, modelGroup(g))
	}
	for _, m := range e.Markets {
		s.Markets = append(s.Markets, modelMarket(m))
	}
	s.normalise()
	return s
}

func modelMarket(m *model.Market) marketState {
	s := marketState{State: m.State, Version: m.Version, Question: m.Spec.Question, Rules: m.Spec.Rules,
		CloseAt: m.Spec.CloseAt, Escrow: m.Escrow, Fees: m.Fees, Values: m.Values, PayAfter: m.PayAfter,
		Move: moveState{m.Move.Stage, m.Move.With, m.Move.Number, m.Move.Part}}
	for _, b := range m.Books {
		s.Books = append(s.Books, bookState{Last: b.Last, Bids: modelOrders(b.Sides[exchange.Buy]),
			Asks: modelOrders(b.Sides[exchange.Sell]), Positions: modelPositions(b)})
	}
	return s
}

func modelOrders(side []*model.Order) []orderState {
	var s []orderState
	for _, o := range side {
		s = append(s, orderState{Number: o.ID.Number(), Account: o.Account, Price: o.Price, Quantity: o.Quantity,
			Filled: o.Filled, Open: o.Open(), Closing: o.Closing, Hold: o.Hold, Version: o.Version, ExpireAt: o.ExpireAt,
			Group: o.Group, Flags: o.Flags, SelfTrade: o.SelfTrade})
	}
	return s
}

// modelPositions leaves out who has nothing and never had.
func modelPositions(b *model.Book) []positionState {
	var s []positionState
	for _, id := range slices.Sorted(maps.Keys(b.Positions)) {
		if p := b.Positions[id]; *p != (model.Position{}) {
			s = append(s, positionState{id, p.Yes, p.No, p.ReservedYes, p.ReservedNo, p.Paid})
		}
	}
	return s
}

// addOrders adds up what the accounts' orders hold.
func (s *state) addOrders() {
	for _, m := range s.Markets {
		for _, b := range m.Books {
			for _, o := range slices.Concat(b.Bids, b.Asks) {
				s.Accounts[o.Account-1].Holds += o.Hold
				s.Accounts[o.Account-1].OpenOrders++
			}
		}
	}
}
