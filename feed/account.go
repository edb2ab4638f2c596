package feed

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/shape"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/feed/message"
)

// account is an account that somebody watches. It belongs to the hub.
type account struct {
	id     exchange.AccountID
	stream *stream
	began  map[*inlet]exchange.Seq // what each shard's read model had seen when its orders were read
	orders map[orderKey]*standing
	number uint64

	// What the record that is being folded has done.
	touched []orderKey
	moved   bool // its cash may be another
}

type orderKey struct {
	market exchange.MarketID
	order  exchange.OrderID
}

// standing is an order as the events so far have left it.
type standing struct {
	projection.Order
	status  string
	reason  exchange.CancelReason
	touched bool
	seq     exchange.Seq
}

// accountOf returns an account that is watched from now on.
func (f *Feed) accountOf(id exchange.AccountID) *account {
	a := f.accounts[id]
	if a == nil {
		a = &account{id: id}
		f.accounts[id] = a
		a.read(f.inlets)
	}
	return a
}

// read reads an account's open orders.
func (a *account) read(inlets []*inlet) {
	a.began, a.orders, a.touched, a.moved = map[*inlet]exchange.Seq{}, map[orderKey]*standing{}, nil, false
	for _, in := range inlets {
		orders, seq := in.view.StandingOrders(a.id)
		a.began[in] = seq
		for _, o := range orders {
			a.orders[orderKey{o.Market, o.ID}] = &standing{Order: o, status: api.StatusOpen}
		}
	}
}

// resetAccount has those who watch an account begin anew after records were lost.
func (f *Feed) resetAccount(a *account) {
	a.read(f.inlets)
	f.lapse(a.stream)
}

// private are the events about an account.
var private = [256]bool{
	exchange.KindOrderPlaced: true, exchange.KindOrderMatched: true, exchange.KindOrderCancelled: true, exchange.KindOrderExpired: true,
	exchange.KindOrderReduced: true, exchange.KindOrderAmended: true, exchange.KindOrderRested: true, exchange.KindFundsDeposited: true,
	exchange.KindFundsWithdrawn: true, exchange.KindPayoutIssued: true, exchange.KindRefundIssued: true, exchange.KindTransferSent: true,
	exchange.KindTransferReceived: true,
}

// accountEvent takes in an event about accounts that may be watched.
func (f *Feed) accountEvent(in *inlet, r *record, seq exchange.Seq, event exchange.Event) {
	watched := func(id exchange.AccountID) *account {
		a := f.accounts[id]
		if a == nil || r.last() <= a.began[in] {
			return nil
		}
		if !a.moved {
			a.moved = true
			f.moved = append(f.moved, a)
		}
		return a
	}
	seq = joinSeq(in.shard, seq)
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		if a := watched(e.Account); a != nil {
			a.placed(e, r.now, seq)
		}
	case *exchange.OrderMatched:
		if a := watched(e.MakerAccount); a != nil {
			f.filled(a, e, r.now, seq)
		}
		if a := watched(e.TakerAccount); a != nil && e.TakerAccount != e.MakerAccount {
			f.filled(a, e, r.now, seq)
		}
	case *exchange.OrderCancelled:
		if a := watched(e.Account); a != nil {
			a.ended(&e.Release, api.StatusCancelled, e.Reason, seq)
		}
	case *exchange.OrderExpired:
		if a := watched(e.Account); a != nil {
			a.ended(&e.Release, api.StatusExpired, 0, seq)
		}
	case *exchange.OrderReduced:
		if a := watched(e.Account); a != nil {
			a.change(orderKey{e.Market, e.Order}, seq, func(s *standing) { s.Remaining = e.Remaining; s.Quantity = s.Filled + s.Remaining })
		}
	case *exchange.OrderAmended:
		if a := watched(e.Account); a != nil {
			a.change(orderKey{e.Market, e.Order}, seq, func(s *standing) {
				s.Price, s.Quantity, s.Remaining = e.Price, e.Quantity, e.Quantity-s.Filled
				s.Version++
			})
		}
	default:
		watched(accountIn(event))
	}
}

// accountIn returns the account of an event that is only about its cash.
func accountIn(event exchange.Event) exchange.AccountID {
	switch e := event.(type) {
	case *exchange.OrderRested:
		return e.Account
	case *exchange.FundsDeposited:
		return e.Account
	case *exchange.FundsWithdrawn:
		return e.Account
	case *exchange.PayoutIssued:
		return e.Account
	case *exchange.RefundIssued:
		return e.Account
	case *exchange.TransferSent:
		return e.Account
	case *exchange.TransferReceived:
		return e.Account
	}
	return 0
}

func (a *account) placed(e *exchange.OrderPlaced, at exchange.Time, seq exchange.Seq) {
	key := orderKey{e.Market, e.Order}
	a.orders[key] = &standing{status: api.StatusOpen, Order: projection.Order{
		ID: e.Order, Account: e.Account, Market: e.Market, Group: e.Group, Outcome: e.Outcome, Side: e.Side, TimeInForce: e.TimeInForce,
		SelfTrade: e.SelfTrade, Flags: e.Flags, Price: e.Price, Quantity: e.Quantity, Remaining: e.Quantity, ExpireAt: e.ExpireAt,
		Version: 1, ClientID: slices.Clone(e.ClientID), PlacedAt: at,
	}}
	a.change(key, seq, func(*standing) {})
}

// change changes an order and notes that it has to be told of.
func (a *account) change(key orderKey, seq exchange.Seq, do func(*standing)) *standing {
	s := a.orders[key]
	if s == nil {
		return nil
	}
	do(s)
	s.seq = seq
	if !s.touched {
		s.touched = true
		a.touched = append(a.touched, key)
	}
	return s
}

func (a *account) ended(e *exchange.Release, status string, reason exchange.CancelReason, seq exchange.Seq) {
	a.change(orderKey{e.Market, e.Order}, seq, func(s *standing) {
		s.Remaining, s.status, s.reason = e.Remaining, status, reason
		if e.Remaining > 0 {
			s.status = api.StatusOpen
		}
	})
}

// filled takes in what a trade is to an account, and sends it.
func (f *Feed) filled(a *account, e *exchange.OrderMatched, at exchange.Time, seq exchange.Seq) {
	for _, fill := range projection.Fills(seq, at, e, a.id) {
		s := a.change(orderKey{e.Market, fill.Order}, seq, func(s *standing) {
			s.Filled += e.Quantity
			if s.Remaining -= e.Quantity; s.Remaining == 0 {
				s.status = api.StatusFilled
			}
		})
		no := s != nil && s.Flags&exchange.NoTerms != 0
		a.number++
		f.tellAccount(a, &message.Fill{Number: a.number, Fill: shape.Fill(f.outcomes(e.Market), &fill, no)}, at)
	}
}

// outcomes are the names of a market's outcomes; nil if it is binary.
func (f *Feed) outcomes(id exchange.MarketID) []string {
	if m, _ := f.find(id); m != nil {
		return m.names
	}
	return nil
}

// tellAccounts sends what a record has done to the accounts that are watched.
func (f *Feed) tellAccounts(in *inlet, r *record) {
	for _, a := range f.moved {
		if !a.moved { // it was read anew since
			continue
		}
		a.moved = false
		for _, key := range a.touched {
			s := a.orders[key]
			s.touched = false
			a.number++
			f.tellAccount(a, &message.Order{Number: a.number, Seq: api.ID(s.seq), Time: api.Time(r.now), Order: f.shape(s)}, r.now)
			if s.Remaining == 0 {
				delete(a.orders, key)
			}
		}
		a.touched = a.touched[:0]
		cash, held := f.balance(a.id)
		a.number++
		f.tellAccount(a, &message.Balance{Number: a.number, Seq: api.ID(joinSeq(in.shard, r.last())), Time: api.Time(r.now), Cash: cash, Held: held}, r.now)
	}
	clear(f.moved)
	f.moved = f.moved[:0]
}

func (f *Feed) balance(id exchange.AccountID) (cash, held api.Money) {
	if f.config.Balance != nil {
		c, h := f.config.Balance(id)
		return api.Money(c), api.Money(h)
	}
	for _, in := range f.inlets {
		a, _ := in.view.Account(id)
		cash, held = cash+api.Money(a.Cash), held+api.Money(a.Held)
	}
	return cash, held
}

// tellAccount encodes a message about an account and gives it to all who watch it.
func (f *Feed) tellAccount(a *account, m message.Message, since exchange.Time) {
	f.pass(a.stream, item{frames: a.stream.frames(m), since: since})
	f.metrics.messages.Inc()
}

// accountBeginning is the frame with which a subscription to an account begins.
func (f *Feed) accountBeginning(a *account, e encoding, gap bool) []byte {
	const most = 1_000
	cash, held := f.balance(a.id)
	m := message.Account{Number: a.number, Gap: gap, Cash: cash, Held: held, Orders: []api.Order{}, More: len(a.orders) > most}
	all := make([]*standing, 0, len(a.orders))
	for _, s := range a.orders {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *standing) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Market, b.Market)) })
	for _, s := range all[max(0, len(all)-most):] {
		m.Orders = append(m.Orders, f.shape(s))
	}
	return encodeOne(e, &m)
}

// shape describes an order as the API does.
func (f *Feed) shape(s *standing) api.Order {
	return shape.Order(f.outcomes(s.Market), &s.Order, s.status, s.reason)
}
