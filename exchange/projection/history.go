package projection

import "github.com/hustings/hustings/exchange"

// A Trade is a row of a market's tape.
type Trade struct {
	Seq       exchange.Seq
	Time      exchange.Time
	Market    exchange.MarketID
	Outcome   exchange.Outcome
	Price     exchange.Price
	Quantity  exchange.Quantity
	TakerSide exchange.Side
	Maker     exchange.OrderID
	Taker     exchange.OrderID
}

// TradeRow returns the trade that an event is; ok is false if it is none.
func TradeRow(seq exchange.Seq, now exchange.Time, event exchange.Event) (row Trade, ok bool) {
	e, ok := event.(*exchange.OrderMatched)
	if !ok {
		return Trade{}, false
	}
	return Trade{
		Seq: seq, Time: now, Market: e.Market, Outcome: e.Outcome, Price: e.Price, Quantity: e.Quantity,
		TakerSide: e.TakerSide, Maker: e.Maker, Taker: e.Taker,
	}, true
}

// A Fill is one order's half of a trade.
type Fill struct {
	Seq      exchange.Seq
	Time     exchange.Time
	Account  exchange.AccountID
	Market   exchange.MarketID
	Order    exchange.OrderID
	Outcome  exchange.Outcome
	Side     exchange.Side
	Maker    bool
	Price    exchange.Price
	Quantity exchange.Quantity
	Closing  exchange.Quantity // of Quantity, contracts that closed a position
	Merged   exchange.Quantity // pairs of Yes and No that turned into cash
	Fee      exchange.Money
}

// Cost is what the fill cost without its fee, less what its closing part and merging brought in: negative if it brought
// in more.
func (f *Fill) Cost() exchange.Money {
	cost := f.Side.OpenCost(f.Price)
	return exchange.Cost(cost, f.Quantity-f.Closing) - exchange.Cost(cost.Complement(), f.Closing) -
		exchange.Cost(exchange.One, f.Merged)
}

// Fills returns an account's fills in an event: none, one, or two where it traded with itself, the maker's first.
func Fills(seq exchange.Seq, now exchange.Time, event exchange.Event, account exchange.AccountID) []Fill {
	e, ok := event.(*exchange.OrderMatched)
	if !ok {
		return nil
	}
	var fills []Fill
	fill := Fill{
		Seq: seq, Time: now, Account: account, Market: e.Market, Outcome: e.Outcome, Price: e.Price, Quantity: e.Quantity,
	}
	if e.MakerAccount == account {
		maker := fill
		maker.Order, maker.Side, maker.Maker = e.Maker, e.TakerSide.Opposite(), true
		maker.Closing, maker.Merged, maker.Fee = e.MakerClosing, e.MakerMerged, e.MakerFee
		fills = append(fills, maker)
	}
	if e.TakerAccount == account {
		taker := fill
		taker.Order, taker.Side = e.Taker, e.TakerSide
		taker.Closing, taker.Merged, taker.Fee = e.TakerClosing, e.TakerMerged, e.TakerFee
		fills = append(fills, taker)
	}
	return fills
}

// A Settlement is what an account got or gave when a market ended.
type Settlement struct {
	Seq        exchange.Seq
	Time       exchange.Time
	Account    exchange.AccountID
	Market     exchange.MarketID
	Void       bool             // a refund of all outcomes together; otherwise the payout of one
	Outcome    exchange.Outcome // of a payout
	Yes, No    exchange.Quantity
	Amount     exchange.Money // negative where a refund took back what the account had gained
	Receivable exchange.Money // what of that it could not pay and owes the house
	Cash       exchange.Money // its free cash afterwards
}

// SettlementRow returns the settlement that an event is; ok is false if it is none.
func SettlementRow(seq exchange.Seq, now exchange.Time, event exchange.Event) (row Settlement, ok bool) {
	switch e := event.(type) {
	case *exchange.PayoutIssued:
		return Settlement{
			Seq: seq, Time: now, Account: e.Account, Market: e.Market, Outcome: e.Outcome, Yes: e.Yes, No: e.No,
			Amount: e.Amount, Cash: e.Cash,
		}, true
	case *exchange.RefundIssued:
		return Settlement{
			Seq: seq, Time: now, Account: e.Account, Market: e.Market, Void: true, Amount: e.Amount, Receivable: e.Receivable,
			Cash: e.Cash,
		}, true
	}
	return Settlement{}, false
}
