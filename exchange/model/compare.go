package model

import (
	"bytes"
	"reflect"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Same compares an event of the engine with one of another exchange. An empty list is the same as none, and becomes none
// in both.
func Same(a, b exchange.Event) bool {
	if x, ok := a.(*exchange.MassCancelAccepted); ok && x.Reason == exchange.CancelDeadMan {
		y, ok := b.(*exchange.MassCancelAccepted) // Below depends on when the shard comes round to it
		return ok && x.Account == y.Account && x.Reason == y.Reason
	}
	dropEmpty(a)
	dropEmpty(b)
	if x, ok := a.(*exchange.MarketPartAdopted); ok { // each has slots of its own
		x, same := *x, exchange.MarketPartAdopted{}
		if y, ok := b.(*exchange.MarketPartAdopted); ok {
			same = *y
		}
		data := bytes.Equal(x.Data, same.Data)
		x.Slots, x.Data, same.Slots, same.Data = nil, nil, nil, nil
		return data && reflect.DeepEqual(x, same)
	}
	return reflect.DeepEqual(a, b)
}

func dropEmpty(event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		if len(e.ClientID) == 0 {
			e.ClientID = nil
		}
	case *exchange.OrderRejected:
		if len(e.ClientID) == 0 {
			e.ClientID = nil
		}
	case *exchange.MarketCreated:
		if len(e.Spec.Outcomes) == 0 {
			e.Spec.Outcomes = nil
		}
	}
}

// Background is how many events at the front are not the command's own: what fell due before it, of which due is what may
// come at any time, and orders in the way of an arriving one that could not trade any more. Those may be removed at any
// time, and are removed before it is even decided whether the order is accepted.
func Background(events []exchange.Event, cmd exchange.Command, due []exchange.Event) int {
	arrives := cmd.CommandKind() == exchange.KindPlaceOrder || cmd.CommandKind() == exchange.KindAmendOrder
	for i, event := range events {
		switch event.(type) {
		case *exchange.OrderExpired:
			continue
		case *exchange.OrderCancelled:
			if arrives {
				continue
			}
		case *exchange.PositionClosed:
			if i > 0 {
				continue
			}
		case *exchange.MarketClosed, *exchange.MassCancelAccepted, *exchange.ActDecided:
			if slices.ContainsFunc(due, func(e exchange.Event) bool { return Same(e, event) }) {
				continue
			}
		}
		return i
	}
	return len(events)
}
