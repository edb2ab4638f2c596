package sim

import "github.com/hustings/hustings/exchange"

// names are the ids that orders have, by what the model knows of them.
type names struct {
	ids   map[name]exchange.OrderID
	given map[naming]uint64 // the number by which the model was told of an order the first time
}

type name struct {
	market exchange.MarketID
	number uint64
}

// naming is that a command with this key names an order. Sent again it must be the same command to the model as well.
type naming struct {
	key   exchange.Key
	order exchange.OrderID
}

func newNames() names { return names{map[name]exchange.OrderID{}, map[naming]uint64{}} }

func (n names) learn(event exchange.Event) {
	if e, ok := event.(*exchange.OrderPlaced); ok {
		n.ids[name{e.Market, e.Order.Number()}] = e.Order
	}
}

// stranger is added to the number of an order that is not the one that was meant.
const stranger = 1 << 38

// translated copies a command for the model, which knows orders by their number alone. Who names an order that was lost with the end
// of a log may mean a number that another one has now: for the model that is a number that none has.
func (n names) translated(cmd exchange.Command) exchange.Command {
	meant := func(key exchange.Key, market exchange.MarketID, order exchange.OrderID) exchange.OrderID {
		number, again := n.given[naming{key, order}]
		if !again {
			number = order.Number()
			if is, known := n.ids[name{market, number}]; known && is != order {
				number += stranger
			}
			if key != (exchange.Key{}) {
				n.given[naming{key, order}] = number
			}
		}
		return exchange.NewOrderID(number, 0)
	}
	switch c := cmd.(type) {
	case *exchange.CancelOrder:
		other := *c
		other.Order = meant(c.Key, c.Market, c.Order)
		return &other
	case *exchange.AmendOrder:
		other := *c
		other.Order = meant(c.Key, c.Market, c.Order)
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
