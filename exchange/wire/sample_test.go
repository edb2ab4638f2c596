package wire

import (
	"reflect"

	"github.com/hustings/hustings/exchange"
)

// sampleEvent returns an event of the kind with a distinct value in every field.
func sampleEvent(kind exchange.EventKind) exchange.Event {
	var d Decoder
	event, _ := d.read(make([]byte, frameHead), kind, 1)
	fill(reflect.ValueOf(event).Elem(), new(int))
	if trade, ok := event.(*exchange.OrderMatched); ok {
		trade.MakerFee, trade.TakerFee = 1<<32-1, 1<<32-2
	}
	return event
}

// sampleCommand returns a command of the kind with a distinct value in every field.
func sampleCommand(kind exchange.CommandKind) exchange.Command {
	cmd := newCommand(kind)
	fill(reflect.ValueOf(cmd).Elem(), new(int))
	if order, ok := cmd.(*exchange.PlaceOrder); ok {
		order.Side, order.TimeInForce, order.SelfTrade, order.Flags = exchange.Sell, exchange.FillOrKill, exchange.AllowSelfTrade, exchange.NoTerms|exchange.PostOnly
	}
	switch c := cmd.(type) { // the marked ones have golden files of their own
	case *exchange.PlaceOrder:
		c.FundsElsewhere = false
	case *exchange.AmendOrder:
		c.FundsElsewhere = false
	}
	return cmd
}

// markedCommand returns a sample that is marked, nil if the kind has no mark.
func markedCommand(kind exchange.CommandKind) exchange.Command {
	cmd := sampleCommand(kind)
	switch c := cmd.(type) {
	case *exchange.PlaceOrder:
		c.FundsElsewhere = true
	case *exchange.AmendOrder:
		c.FundsElsewhere = true
	default:
		return nil
	}
	return cmd
}

func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(string(rune('a'+*n%26)) + "text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(int64(*n) << 33)
	default:
		v.SetUint(uint64(*n % 250))
	}
}
