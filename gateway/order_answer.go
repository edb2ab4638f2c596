package gateway

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/shape"
	"github.com/hustings/hustings/exchange"
)

// The answers about orders are written by hand: they are most of what a busy exchange writes. They are what JSON v2
// writes for the shapes of package api, byte for byte.

// appendPlaced appends an api.OrderAnswer.
func appendPlaced(b []byte, o *orderRequest, r *exchange.Reply) []byte {
	side, price, cost := o.cmd.Side, o.cmd.Price, r.Cost
	if o.cmd.Flags&exchange.NoTerms != 0 {
		side, price, cost = side.Opposite(), price.Complement(), complementCost(r)
	}
	b = appendReceipt(b, r)
	b = appendID(append(b, `,"order":`...), r.ID)
	b = appendID(append(b, `,"market":`...), uint64(o.cmd.Market))
	outcome, contract := shape.Name(o.terms.outcomes, o.cmd.Outcome, o.contract == 1)
	b = appendText(append(b, `,"outcome":`...), outcome)
	if contract != "" {
		b = appendWord(append(b, `,"contract":`...), contract)
	}
	b = appendWord(append(b, `,"side":`...), api.SideWords[side])
	b = appendWord(append(b, `,"type":`...), api.TypeWords[o.cmd.Flags&exchange.MarketOrder/exchange.MarketOrder])
	b = appendPrice(append(b, `,"price":`...), price)
	b = appendCount(append(b, `,"quantity":`...), uint32(o.cmd.Quantity))
	b = appendWord(append(b, `,"time_in_force":`...), api.TIFWords[o.cmd.TimeInForce])
	b = appendWord(append(b, `,"status":`...), placedStatus(o.cmd.Quantity, r))
	b = appendWork(b, r, cost)
	if len(o.cmd.ClientID) > 0 {
		b = appendText(append(b, `,"client_order_id":`...), o.cmd.ClientID)
	}
	return append(b, '}')
}

func placedStatus(quantity exchange.Quantity, r *exchange.Reply) string {
	switch {
	case r.Remaining > 0:
		return api.StatusOpen
	case r.Filled == quantity:
		return api.StatusFilled
	}
	return api.StatusCancelled
}

// complementCost is what the reply's trades cost in terms of No.
func complementCost(r *exchange.Reply) exchange.Money {
	return exchange.Cost(exchange.One, r.Filled) - r.Cost
}

// appendWork appends what a placed or amended order did at once.
func appendWork(b []byte, r *exchange.Reply, cost exchange.Money) []byte {
	b = appendCount(append(b, `,"filled":`...), uint32(r.Filled))
	b = appendCount(append(b, `,"remaining":`...), uint32(r.Remaining))
	b = appendMoney(append(b, `,"cost":`...), cost)
	b = appendMoney(append(b, `,"fees":`...), r.Fees)
	return appendCount(append(b, `,"version":`...), r.Version)
}

// appendCancelled appends an api.CancelAnswer.
func appendCancelled(b []byte, cmd *exchange.CancelOrder, r *exchange.Reply) []byte {
	b = appendReceipt(b, r)
	b = appendID(append(b, `,"order":`...), uint64(cmd.Order))
	b = appendID(append(b, `,"market":`...), uint64(cmd.Market))
	return append(b, `,"status":"cancelled"}`...)
}

// appendReceipt begins an answer to a mutation.
func appendReceipt(b []byte, r *exchange.Reply) []byte {
	b = appendID(append(b, `{"seq":`...), uint64(r.Seq))
	b = append(b, `,"time":"`...)
	return append(appendTime(b, r.Time), '"')
}

func appendID(b []byte, id uint64) []byte {
	return append(strconv.AppendUint(append(b, '"'), id, 10), '"')
}

func appendCount(b []byte, n uint32) []byte { return strconv.AppendUint(b, uint64(n), 10) }

func appendWord(b []byte, word string) []byte { return append(append(append(b, '"'), word...), '"') }

func appendPrice(b []byte, p exchange.Price) []byte { return append(p.Append(append(b, '"')), '"') }

func appendMoney(b []byte, m exchange.Money) []byte { return append(m.Append(append(b, '"')), '"') }

// appendText appends text as a JSON string. The text is valid UTF-8: it came in as such.
func appendText[T string | []byte](b []byte, s T) []byte {
	b, err := jsontext.AppendQuote(b, s)
	if err != nil {
		return append(b, `""`...)
	}
	return b
}

// appendTime appends an instant as api.Time does.
func appendTime(b []byte, t exchange.Time) []byte { return api.Time(t).Append(b) }
