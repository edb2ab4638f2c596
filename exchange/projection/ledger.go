package projection

import "github.com/hustings/hustings/exchange"

// EntryKind says what moved an account's money.
type EntryKind uint8

// Kinds of ledger entry.
const (
	EntryDeposit    EntryKind = iota + 1
	EntryRepayment            // of a debt to the house, out of a deposit or what came from another shard
	EntryWithdrawal           //
	EntryHold                 // an order came to rest, was amended, or left its book
	EntryTrade                // what a fill cost or brought in
	EntryFee                  // of a fill
	EntryMerge                // pairs of Yes and No turned into cash
	EntryPayout               // of a resolved market
	EntryRefund               // of a voided market
	EntrySent                 // to another shard
	EntryReceived             // from another shard
)

var entryKinds = [...]string{"", "deposit", "repayment", "withdrawal", "hold", "trade", "fee", "merge", "payout", "refund", "sent", "received"}

func (k EntryKind) String() string {
	if int(k) < len(entryKinds) {
		return entryKinds[k]
	}
	return "unknown"
}

// An Entry is a line of an account's statement. Entries of one event are in the order in which the balance runs.
type Entry struct {
	Seq       exchange.Seq
	Time      exchange.Time
	Kind      EntryKind
	Cash      exchange.Money // added to free cash; negative where it was taken
	Hold      exchange.Money // added to what orders hold
	Balance   exchange.Money // free cash afterwards
	Amended   bool           // Cash is unknown, and Hold is what the order holds from now on: an amendment does not say what it held before
	Market    exchange.MarketID
	Order     exchange.OrderID
	Outcome   exchange.Outcome
	Reference string // of a deposit or withdrawal
}

// LedgerEntries returns what an event did to an account's money.
func LedgerEntries(seq exchange.Seq, now exchange.Time, event exchange.Event, account exchange.AccountID) []Entry {
	about, market, order := subject(event)
	if matched, ok := event.(*exchange.OrderMatched); ok {
		return tradeEntries(seq, now, matched, account)
	}
	if about != account {
		return nil
	}
	s := statement{head: Entry{Seq: seq, Time: now, Market: market, Order: order}}
	switch e := event.(type) {
	case *exchange.FundsDeposited:
		s.head.Reference = e.Reference
		s.add(EntryDeposit, e.Amount, 0)
		s.add(EntryRepayment, -e.Repaid, 0)
		return s.ending(e.Cash)
	case *exchange.FundsWithdrawn:
		s.head.Reference = e.Reference
		s.add(EntryWithdrawal, -e.Amount, 0)
		return s.ending(e.Cash)
	case *exchange.TransferSent:
		s.add(EntrySent, -e.Amount, 0)
		return s.ending(e.Cash)
	case *exchange.TransferReceived:
		s.add(EntryReceived, e.Amount, 0)
		s.add(EntryRepayment, -e.Repaid, 0)
		return s.ending(e.Cash)
	case *exchange.OrderPlaced:
		s.head.Outcome = e.Outcome
		s.add(EntryHold, -e.Hold, e.Hold)
		return s.ending(e.Cash)
	case *exchange.OrderRested:
		s.head.Outcome = e.Outcome
		s.add(EntryHold, -e.Hold, e.Hold)
		return s.ending(e.Cash)
	case *exchange.OrderCancelled:
		return s.release(&e.Release)
	case *exchange.OrderExpired:
		return s.release(&e.Release)
	case *exchange.OrderReduced:
		return s.release(&e.Release)
	case *exchange.PayoutIssued:
		s.head.Outcome = e.Outcome
		s.add(EntryPayout, e.Amount, 0)
		return s.ending(e.Cash)
	case *exchange.RefundIssued:
		s.add(EntryRefund, e.Amount+e.Receivable, 0)
		return s.ending(e.Cash)
	case *exchange.OrderAmended:
		s.head.Outcome, s.head.Amended = e.Outcome, true
		s.head.Kind, s.head.Hold, s.head.Balance = EntryHold, e.Hold, e.Cash
		return []Entry{s.head}
	}
	return nil
}

// A statement collects the entries of one event.
type statement struct {
	head    Entry // what they share
	entries []Entry
}

func (s *statement) add(kind EntryKind, cash, hold exchange.Money) {
	if cash == 0 && hold == 0 {
		return
	}
	entry := s.head
	entry.Kind, entry.Cash, entry.Hold = kind, cash, hold
	s.entries = append(s.entries, entry)
}

// ending sets the balances so that the last entry leaves cash.
func (s *statement) ending(cash exchange.Money) []Entry {
	for i := len(s.entries) - 1; i >= 0; i-- {
		s.entries[i].Balance = cash
		cash -= s.entries[i].Cash
	}
	return s.entries
}

func (s *statement) release(e *exchange.Release) []Entry {
	s.head.Outcome = e.Outcome
	s.add(EntryHold, e.HoldReleased, -e.HoldReleased)
	s.add(EntryMerge, exchange.Cost(exchange.One, e.Merged), 0)
	return s.ending(e.Cash)
}

func tradeEntries(seq exchange.Seq, now exchange.Time, e *exchange.OrderMatched, account exchange.AccountID) []Entry {
	var all []Entry
	for _, f := range Fills(seq, now, e, account) {
		s := statement{head: Entry{
			Seq: seq, Time: now, Market: e.Market, Outcome: e.Outcome, Order: f.Order,
		}}
		hold, cash := exchange.Money(0), e.TakerCash
		if f.Maker {
			hold, cash = e.MakerHold, e.MakerCash
		}
		merged := exchange.Cost(exchange.One, f.Merged)
		s.add(EntryHold, hold, -hold)
		s.add(EntryTrade, -f.Cost()-merged, 0)
		s.add(EntryFee, -f.Fee, 0)
		s.add(EntryMerge, merged, 0)
		all = append(all, s.ending(cash)...)
	}
	return all
}
