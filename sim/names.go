package sim

import "github.com/hustings/hustings/exchange"

// names are the ids that orders have, by what the model knows of them.
type names map[name]exchange.OrderID

type name struct {
	market exchange.MarketID
	number uint64
}

func (n names) learn(event exchange.Event) {
	if e, ok := event.(*exchange.OrderPlaced); ok {
		n[name{e.Market, e.Order.Number()}] = e.Order
	}
}

// stranger is added to the number of an order that is not the one that was meant.
const stranger = 1 << 38

// translated copies a command for the model, which knows orders by their number alone. Who names an order that was lost with the end
// of a log may mean a number that another one has now: for the model that is a number that none has.
func (n names) translated(cmd exchange.Command) exchange.Command {
	meant := func(market exchange.MarketID, order exchange.OrderID) exchange.OrderID {
		number := order.Number()
		if is, known := n[name{market, number}]; known && is != order {
			number += stranger
		}
		return exchange.NewOrderID(number, 0)
	}
	switch c := cmd.(type) {
	case *exchange.CancelOrder:
		other := *c
		other.Order = meant(c.Market, c.Order)
		return &other
	case *exchange.AmendOrder:
		other := *c
		other.Order = meant(c.Market, c.Order)
		return &other
	}
	return cmd
}

// back has the model's events name an order as it was named.
func (n names) back(events []exchange.Event) {
	for _, event := range events {
		if e, ok := event.(*exchange.CommandRejected); ok && e.Order.Number() > stranger {
			e.Order = exchange.NewOrderID(e.Order.Number()-stranger, 0)
		}
	}
}
